/* What formulas.py evaluates after MathJax: typeset(tex, display) returns a drawing, MathML, and all glyphs so far. */
const of = (path) => path.split("/").reduce((part, name) => part[name], MathJax._);
const adaptor = of("adaptors/liteAdaptor").liteAdaptor();
of("handlers/html_ts").RegisterHTMLHandler(adaptor);
const output = new (of("output/svg_ts").SVG)({
  fontCache: "global",
  font: new (of("output/svg/fonts/tex_ts").TeXFont)(),
});
const input = new (of("input/tex_ts").TeX)({
  packages: ["base", "ams", "newcommand", "boldsymbol"],
});
const page = of("mathjax").mathjax.document("", { InputJax: input, OutputJax: output });
const { STATE } = of("core/MathItem");
const serializer = new (of("core/MmlTree/SerializedMmlVisitor").SerializedMmlVisitor)();
function typeset(tex, display) {
  const drawing = adaptor.innerHTML(page.convert(tex, { display }));
  const mathml = serializer.visitTree(page.convert(tex, { display, end: STATE.CONVERT }));
  return [drawing, mathml, adaptor.innerHTML(output.fontCache.getCache())];
}
