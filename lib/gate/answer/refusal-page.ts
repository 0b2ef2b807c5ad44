/** The page of a gate that says no: plain HTML, nothing to load, no script. */
export function refusalPage(page: {
  readonly title: string
  readonly message: string
  readonly location: string
  /** The stable reason, for people who are asked for help. */
  readonly detail: string
}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(page.title)}</title>
<style>
:root { color-scheme: light dark }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25 }
a { display: inline-block; margin: .5rem 0; padding: .6rem 1.2rem; border-radius: .5rem;
    background: #1f4fa3; color: #fff; text-decoration: none }
a:focus-visible { outline: 3px solid #e8a33d; outline-offset: 3px }
small { opacity: .75 }
</style>
</head>
<body>
<main>
<h1>${escaped(page.title)}</h1>
<p>${escaped(page.message)}</p>
<p><a href="${escaped(page.location)}">Go to the waiting room</a></p>
<p><small>${escaped(page.detail)}</small></p>
</main>
</body>
</html>
`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => ESCAPES[character] ?? '')
}
