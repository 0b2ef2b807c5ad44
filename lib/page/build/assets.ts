/**
 * The addresses of the page's style and icon, by their content. The page without JavaScript is made
 * in a function that has no files, so it reads the names here; the build fails when one is old.
 */
export const STYLESHEET = '/assets/page-303a6da1c5e3.css'
export const ICON = '/assets/icon-29a758a124fd.svg'
