/** The style of the report; light and dark by the reader's own wish. */
export const REPORT_STYLE = `
:root{--ground:#fcfcfa;--card:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d8dee4;--c1:#0b62c4;--c2:#b3470b;--c3:#0f7a4f;--c4:#8a3fb0}
@media (prefers-color-scheme:dark){:root{--ground:#12161b;--card:#1a2027;--ink:#e8edf2;--soft:#a3adb8;--rule:#343d47;--c1:#6db1ff;--c2:#ff9d5c;--c3:#5fd3a0;--c4:#d59bff}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:860px;margin:0 auto;padding:2rem 1.25rem 3rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem}
h3{font-size:1.05rem;margin:0}
header p,figcaption p,footer,.unit,caption{color:var(--soft)}
header p,figcaption p{margin:.15rem 0 .5rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(145px,1fr));gap:.75rem;margin:1.5rem 0 0}
.tiles div,figure{background:var(--card);border:1px solid var(--rule);border-radius:10px}
.tiles div{padding:.75rem 1rem;display:flex;flex-direction:column}
dt{color:var(--soft);font-size:.85rem}
dd{margin:auto 0 0;white-space:nowrap;font-size:1.35rem;font-weight:650;font-variant-numeric:tabular-nums}
ol{padding-left:1.4rem}li{margin:.35rem 0}
figure{margin:0 0 1rem;padding:1rem 1rem .5rem}
svg{display:block;width:100%;height:auto;font-size:12px}
svg text{fill:var(--soft);font-variant-numeric:tabular-nums}
svg path{fill:none;stroke-width:2;stroke-linejoin:round}
.grid{stroke:var(--rule);stroke-width:1}
.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.25rem 0 .5rem;padding:0;font-size:.9rem}
.legend li{margin:0}.unit{flex-basis:100%}
.key{display:inline-block;width:18px;height:3px;border-radius:2px;margin-right:.45rem;vertical-align:middle}
.k1{background:var(--c1)}.k2{background:var(--c2)}.k3{background:var(--c3)}.k4{background:var(--c4)}
table{width:100%;border-collapse:collapse;margin:0 0 1.75rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:.35rem}
th,td{padding:.4rem .5rem;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top}
th:first-child{text-align:left;font-weight:400}
thead th,tfoot th,tfoot td{font-weight:600!important}
footer{margin-top:2rem;font-size:.9rem}
@media print{figure,table{break-inside:avoid}}
`
