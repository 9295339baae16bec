/** Of the reference's page; a style sheet of its own text, named in the page's policy by its hash. */
export const style = `
:root{--bg:#fff;--fg:#1c1f24;--dim:#545c68;--line:#dfe3e8;--soft:#f5f6f8;--link:#0b57b0;--get:#0b6b3a;--post:#7a4b00;--delete:#a81c2d;--code-bg:#f5f6f8;--k:#0b57b0;--s:#0b6b3a;--n:#8a3b00}
@media (prefers-color-scheme:dark){:root{--bg:#14171c;--fg:#e6e9ee;--dim:#a3acb8;--line:#30363f;--soft:#1c2027;--link:#84b9ff;--get:#6fd39a;--post:#e6b866;--delete:#ff9aa5;--code-bg:#0f1216;--k:#84b9ff;--s:#8fd6a8;--n:#f0b37e}}
*{box-sizing:border-box}
html{scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}
h1{font-size:2rem;line-height:1.2;margin:0 0 .75rem}
h2{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
h3{font-size:1.2rem;line-height:1.3;margin:0 0 .5rem}
h4{font-size:.95rem;margin:1.5rem 0 .25rem}
section>h2{text-transform:none}
section>h2::first-letter{text-transform:uppercase}
h2 a,h3 a{color:inherit;text-decoration:none}
h2 a:hover,h3 a:hover{text-decoration:underline}
p{margin:.4rem 0}
code,pre{font:.9em/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
.skip{position:absolute;left:-99rem}
.skip:focus{left:.5rem;top:.5rem;z-index:2;background:var(--bg);padding:.5rem}
header{position:sticky;top:0;z-index:1;display:flex;gap:.4rem 1rem;align-items:baseline;padding:.7rem max(1.5rem,calc((100vw - 110rem)/2 + 1.35rem));white-space:nowrap;background:var(--bg);border-bottom:1px solid var(--line)}
header strong a{color:inherit;text-decoration:none}
header .to-contents{margin-left:auto}
.words h2+p,.words p+h2,.words dl+h2{margin-top:1.5rem}.words h2+p{margin-top:.4rem}.words .fields+h2{margin-top:1.75rem}
.version,.needs,.type,.note,.media,.no-retry,.bound{color:var(--dim)}
.page{max-width:110rem;margin:0 auto}
nav{padding:1rem 1.5rem;border-bottom:1px solid var(--line);font-size:.92rem}
nav ul{list-style:none;margin:0;padding:0}
nav li li a{display:block;padding:.2rem .6rem;color:var(--fg);text-decoration:none;border-radius:4px}
nav li li a:hover{background:var(--soft);text-decoration:underline}
nav .group{display:block;margin-top:.8rem;padding:.2rem .6rem;font-weight:600;color:var(--fg);text-decoration:none}
nav .group::first-letter{text-transform:uppercase}
main{min-width:0;padding:1.5rem}
main:focus{outline:none}
section{padding:1.5rem 0}
section+section{border-top:1px solid var(--line)}
article{padding:1.75rem 0}
article+article{border-top:1px solid var(--line)}
.words{max-width:46rem;min-width:0}
.samples{min-width:0}
.route{font-size:1.02rem}
.method{font:600 .8rem/1 ui-monospace,monospace;padding:.2rem .4rem;border:1px solid currentcolor;border-radius:4px}
.GET{color:var(--get)}.POST{color:var(--post)}.DELETE{color:var(--delete)}
.needs,.bound,.type,.note,.media,.headers{font-size:.88rem}
dl{margin:.25rem 0}
dd{margin:0}
.field{padding:.55rem 0;border-top:1px solid var(--line)}
.field:first-child{border-top:0}
.field dd p{margin:.15rem 0}
.field .fields{margin:.4rem 0 .2rem;padding-left:.9rem;border-left:2px solid var(--line)}
.variant+.variant{margin-top:.6rem}
.name{font-weight:600}
.note::before{content:"· "}h4 .note::before{content:none}
.must{color:var(--fg);font-weight:600}
.choices{display:inline;list-style:none;margin:0;padding:0}
.choices li{display:inline}
.choices li+li::before{content:" · "}
.headers{color:var(--dim)}
.status{font-weight:600;font-variant-numeric:tabular-nums}
.codes>div{padding:.45rem 0;border-top:1px solid var(--line)}
.codes>div:first-child{border-top:0}
.codes dd{font-size:.93rem}
.retry{font-size:.82rem;color:var(--get)}
.no-retry{font-size:.82rem}
h3 .retry,h3 .no-retry{font-weight:400}
.code{margin:0 0 1rem;border:1px solid var(--line);border-radius:6px;overflow:hidden;background:var(--code-bg)}
.code figcaption{padding:.4rem .8rem;font-size:.82rem;color:var(--dim);border-bottom:1px solid var(--line)}
pre{margin:0;padding:.8rem;overflow:auto;max-height:32rem;overflow-wrap:normal}
pre:focus-visible{outline-offset:-3px}
.k{color:var(--k)}.s{color:var(--s)}.n{color:var(--n)}
:target>.words>h3,section:target>h2{text-decoration:underline;text-decoration-thickness:3px;text-underline-offset:.25em}
.codes>div:target{background:var(--soft)}
@media (min-width:48rem){header .to-contents{display:none}
.page{display:grid;grid-template-columns:15rem minmax(0,1fr)}
nav{position:sticky;top:3rem;align-self:start;max-height:calc(100vh - 3rem);overflow:auto;border:0;border-right:1px solid var(--line);padding:.5rem .75rem 2rem}
main{padding:1.5rem 2.5rem}}
@media (max-width:47.99rem){nav>ul{columns:2 9rem;column-gap:1rem}nav>ul>li{break-inside:avoid}header,main,nav{padding-left:1rem;padding-right:1rem}.version,nav .named{display:none}}
@media (min-width:75rem){article:not(.schema),.split{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:2.5rem;align-items:start}
article .samples{position:sticky;top:4rem;max-height:calc(100vh - 5rem);overflow:auto}}
@media print{nav,header{display:none}pre{max-height:none;white-space:pre-wrap}}
`;
