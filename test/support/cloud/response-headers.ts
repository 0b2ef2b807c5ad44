/** The headers that a response headers policy of the template adds. */
import type { ResolvedTemplate } from './template.ts'

export function securityHeaders(template: ResolvedTemplate, id: string): Record<string, string> {
  const policy = template
    .ofType('AWS::CloudFront::ResponseHeadersPolicy')
    .find(one => one.ref === id)
  if (policy === undefined) throw new Error(`no response headers policy ${id}`)
  const {
    ContentSecurityPolicy: content,
    ContentTypeOptions: types,
    FrameOptions: frame,
    ReferrerPolicy: referrer,
    StrictTransportSecurity: transport,
    ...others
  } = policy.properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig
  if (Object.keys(others).length > 0) throw new Error('a security header that is not known here')
  return {
    ...(content && { 'content-security-policy': content.ContentSecurityPolicy }),
    ...(types && { 'x-content-type-options': 'nosniff' }),
    ...(frame && { 'x-frame-options': frame.FrameOption }),
    ...(referrer && { 'referrer-policy': referrer.ReferrerPolicy }),
    ...(transport && {
      'strict-transport-security': `max-age=${transport.AccessControlMaxAgeSec}`,
    }),
  }
}
