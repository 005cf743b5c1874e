//! Makes scripts and style sheets smaller: no comments, no indentation. Nothing is renamed.

/// A script or a style sheet without its comments and without white space at the ends of lines.
/// `slashes`: whether a line that begins with two slashes is a comment.
///
/// It must not stand in for a parser: what it gets is the output of wasm-bindgen and our own style
/// sheets, in which no text spans lines and none holds the mark of a comment.
pub fn minify(text: &str, slashes: bool) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, comment)) = rest.split_once("/*") {
        kept += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept += rest;
    let lines = kept.lines().map(str::trim);
    let code = lines.filter(|line| !(line.is_empty() || slashes && line.starts_with("//")));
    code.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go() {
        let css = "/* a */\n.a { b: c; }\n  /* d\n e */\n.f { g: url(//h); }\n\n  .i {}\n";
        assert_eq!(
            minify(css, false),
            ".a { b: c; }\n.f { g: url(//h); }\n.i {}\n"
        );
        let js =
            "/**\n * @param {number} a\n */\nfunction f(a) {\n    // g\n    return \"//\";\n}\n";
        assert_eq!(minify(js, true), "function f(a) {\nreturn \"//\";\n}\n");
    }
}
