/**
 * Viewer request, on everything that a function answers: CloudFront signs its requests to the
 * function in the Authorization header, so the viewer's own travels under another name. That name
 * is set here and nowhere else: what a viewer sends under it is taken away.
 */
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it
function handler(event) {
  const request = event.request
  const authorization = request.headers.authorization
  delete request.headers['x-viewer-authorization']
  if (authorization) request.headers['x-viewer-authorization'] = { value: authorization.value }
  return request
}
