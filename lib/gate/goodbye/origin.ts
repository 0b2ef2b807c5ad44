/** Did another site make a visitor's browser send this request? */

/**
 * A session's cookie is Lax, so it does not come along with another site's post. This check also keeps
 * out other ports and subdomains, which count as the same site. A client that sends neither header is
 * no browser that another site could have misled.
 * @param ownOrigin the showroom's, as browsers see it.
 */
export function isFromElsewhere(
  headers: {
    /** Sec-Fetch-Site, which no page can forge; where it came it decides. */
    readonly site: string | undefined
    /** Origin */
    readonly origin: string | undefined
  },
  ownOrigin: string,
): boolean {
  const { site, origin } = headers
  if (site !== undefined) return site !== 'same-origin'
  return origin !== undefined && origin !== ownOrigin
}
