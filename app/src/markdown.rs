//! Markdown that people of the project wrote (instructions, guidance), as HTML that can do no harm.

use pulldown_cmark::{Options, Parser, html};

/// Renders it. What is not plain formatting is taken out.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH));
    ammonia::clean(&rendered)
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn formatting_stays_and_scripts_go() {
        assert_eq!(to_html("Be **kind**."), "<p>Be <strong>kind</strong>.</p>\n");
        let hostile = to_html("<script>alert(1)</script><img src=x onerror=alert(1)>\n\n[x](javascript:alert(1))");
        assert!(hostile.contains(">x</a>"), "{hostile}");
        assert!(!hostile.contains("script") && !hostile.contains("onerror"), "{hostile}");
    }
}
