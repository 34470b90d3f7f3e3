//! Pairs of text and ground, in light and in dark mode.

use super::*;

/// A mail with the layout's own style.
fn in_card(body: &str) -> String {
    let layout = include_str!("../../../mjml/layout.mjml");
    let (_, style) = layout.split_once("<mj-style>").expect("a style");
    let (style, _) = style.split_once("</mj-style>").expect("an end");
    format!(
        "<html><head><meta name=\"color-scheme\" content=\"light dark\"><style>{style}</style></head>\
         <body class=\"page\"><div class=\"card\" style=\"background:#ffffff;color:#2b2b2b\">{body}</div></body></html>"
    )
}

fn problem_in(html: &str) -> Option<String> {
    Judge::default().first_objection(html).map(|objection| objection.to_string())
}

fn problem(body: &str) -> Option<String> {
    problem_in(&in_card(body))
}

/// A whole mail of a shop's own, with its style.
fn own(style: &str, body: &str) -> Option<String> {
    problem_in(&format!("<html><head><style>{style}</style></head><body>{body}</body></html>"))
}

#[test]
fn a_light_box_is_found_in_every_way_in_which_its_colour_is_written() {
    for body in [
        "<div style=\"background:#fff8dc\">Only this week</div>",
        "<td style=\"background-color: rgb(255, 248, 220)\"><p>Only this week</p></td>",
        "<div><table bgcolor=\"cornsilk\"><tr><td>Only this week</td></tr></table></div>",
        "<p style=\"BACKGROUND:#FFF8DC url(x.png)\"><a href=\"x\"><b>Only this week</b></a></p>",
        "<p style=\"background:linear-gradient(to right, #ffffff, #fff8dc 80%)\">Only this week</p>",
        "<p style=\"background-image: linear-gradient(rgb(255, 248, 220), rgb(255, 248, 220))\">Only this week</p>",
        "<style>.box { background: #fff8dc }</style><p class=\"box\">Only this week</p>",
        "<style>@media screen { .card > p.box { background: cornsilk !important } }</style><p class=\"box\">Only this week</p>",
    ] {
        let problem = problem(body).expect("a problem");
        assert!(problem.contains("has a contrast of 1.1 in dark mode (#ececec on #fff8dc) and needs 4.5"), "{problem}");
        assert!(problem.contains("\"Only this week\" in <"), "{problem}");
    }
}

#[test]
fn dark_text_on_the_dark_card_and_light_text_on_the_light_one_are_found() {
    for (body, expected) in [
        ("<p>See <a style=\"color:#0b5394\">the list</a></p>", "in <a> has a contrast of 2"),
        ("<p><span style=\"color:#333\">small print</span></p>", "in <span> has a contrast of 1.3 in dark mode"),
        ("<p style=\"color:#cccccc\">faint</p>", "in <p> has a contrast of 1.6 in light mode"),
        ("<a style=\"background:gold;color:white\">Go</a>", "in <a> has a contrast of 1.4 in light mode"),
        ("<p style=\"color:rgba(0,0,0,.4)\">faint</p>", "in light mode (#999999 on #ffffff)"),
        ("<p style=\"opacity:.3\">faint</p>", "in <p> has a contrast of 1.8 in light mode"),
        (
            "<p style=\"background:rgba(255,255,255,.9);color:#222 !important\">x</p><p style=\"background:#fffe\">a box</p>",
            "in dark mode (#ececec on #f0f0f0)",
        ),
        ("<font color=\"#cccccc\">faint</font>", "in <font>"),
        ("<p style=\"font-size:14pt;color:#888888\">not large</p>", "needs 4.5"),
    ] {
        let problem = problem(body).expect(body);
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn what_can_be_read_in_both_modes_passes() {
    for body in [
        "<p>Plain</p><hr><p>Two<br>lines</p>",
        "<div class=\"offer\" style=\"background-color:#f3f2ef\"><p>A box that the dark style knows</p></div>",
        "<p style=\"background:#fff8dc;color:#222222 !important\">A box with its own text</p>",
        "<p style=\"background:#1f5f4f;color:#ffffff\">A dark box</p>",
        "<a style=\"background:#1f5f4f;color:#ffffff\">A button</a>",
        "<div style=\"display:none;color:#ffffff\">A preview</div>",
        "<div style=\"font-size:0;color:#ffffff\">A preview</div>",
        "<p style=\"font-size:26px;color:#888888\">Large</p>",
        "<!-- <p style=\"background:#fff\">a comment</p> -->",
        "<td style=\"background:#fff8dc\">\u{a0}&nbsp; \n</td>",
        "<p style=\"background:transparent\">Nothing said</p>",
        "<style>.box { background: cornsilk } @media (prefers-color-scheme: dark) { .box { background: #333 !important } }</style>\
         <p class=\"box\">A box with a rule of its own</p>",
    ] {
        assert_eq!(problem(body), None, "{body}");
    }
}

#[test]
fn a_whole_mail_of_the_shops_own_is_judged_by_its_own_style() {
    let dark = "@media (prefers-color-scheme: dark) { body { background: #111 !important } .text { color: #ddd } }";
    assert_eq!(own("p { color: #333 }", "<p style=\"background:#fff8dc\">A box</p>"), None, "it has no dark mode");
    assert_eq!(own(&format!("body {{ background: #fff }} {dark}"), "<p class=\"text\">Both are named</p>"), None);
    for (style, body, expected) in [
        (".note { color: #aaa }", "<p class=\"note\">faint</p>", "in light mode (#aaaaaa on #ffffff)"),
        ("#foot p { color: #aaa }", "<div id=\"foot\"><p>faint</p></div>", "in light mode (#aaaaaa on #ffffff)"),
        (dark, "<p style=\"color:#333\">not named</p>", "in dark mode (#333333 on #111111)"),
        (dark, "<p class=\"text\" style=\"color:#333\">said at the element</p>", "in dark mode (#333333 on #111111)"),
        (
            dark,
            "<div style=\"background:#fafafa\"><p class=\"text\">a light box</p></div>",
            "in dark mode (#dddddd on #fafafa)",
        ),
        (
            "@media only screen and (prefers-color-scheme:dark) { p { color: white !important } }",
            "<p>only the text changes</p>",
            "in dark mode (#ffffff on #ffffff)",
        ),
        (":root { color-scheme: light dark } p { color: #333 } /* @media { */", "<p>x</p>", ""),
        ("@media (prefers-color-scheme: light) { p { color: #bbb } }", "<p>faint by day</p>", "in light mode"),
        (
            ".night { display: none } @media (prefers-color-scheme: dark) { .night { display: block !important; color: #222 } \
             body { background: #000 } }",
            "<p class=\"night\">only by night</p>",
            "in dark mode (#222222 on #000000)",
        ),
    ] {
        let problem = own(style, body);
        assert_eq!(problem.is_some(), !expected.is_empty(), "{style}");
        assert!(problem.unwrap_or_default().contains(expected), "{style}");
    }
    let says =
        "<meta name=\"color-scheme\" content=\"light dark\"><body><p style=\"color:#333\">said in the head</p></body>";
    assert!(problem_in(says).expect("a problem").contains("in dark mode (#333333 on #121212)"));
}

#[test]
fn the_rule_that_counts_most_holds() {
    for (style, body) in [
        ("p { color: #ccc } p { color: #333 }", "<p>the later one</p>"),
        (".a { color: #333 } p { color: #ccc }", "<p class=\"a\">the more exact one</p>"),
        ("#a { color: #333 } .a.b { color: #ccc }", "<p id=\"a\" class=\"a b\">the more exact one</p>"),
        ("p { color: #333 !important } .a { color: #ccc }", "<p class=\"a\">the important one</p>"),
        ("p { color: #ccc }", "<p style=\"color:#333\">the element's own</p>"),
        ("div p { color: #ccc }", "<p>another element</p>"),
        ("div > p { color: #ccc }", "<div><span><p>not directly within</p></span></div>"),
        ("p:hover, p[dir], p + p, ::before { color: #ccc }", "<p>only sometimes</p><p>second</p>"),
        ("@media print { p { color: #ccc } }", "<p>not on paper</p>"),
        ("@import url(x); @font-face { color: #ccc } p { color: #333 }", "<p>no rule</p>"),
    ] {
        assert_eq!(own(style, body), None, "{style}");
    }
    assert!(own("div p { color: #ccc }", "<div><span><p>within</p></span></div>").is_some());
    assert!(own("div > p, b { color: #ccc }", "<div><p>directly within</p></div>").is_some());
    assert!(own("table div > p i { color: #ccc }", "<table><div><p><b><i>x</i></b></p></div></table>").is_some());
}

#[test]
fn styles_without_end_are_refused_or_read_in_few_steps() {
    let rules: String = (0..5_000).map(|number| format!(".c{number} {{ color: #333 }}")).collect();
    assert!(own(&rules, "<p>x</p>").expect("refused").contains("too many rules"));
    let lists: String = format!("{} {{ color: #333 }}", vec!["div div div div div div div p"; 2_000].join(","));
    assert!(own(&lists, "<p>x</p>").expect("refused").contains("too many rules"));
    let rules: String = (0..390).map(|_| "div div div div div div div p { color: #333 }").collect();
    let deep: String =
        (0..500).map(|number| format!("<div class=\"c{number}\">{}<p>x</p>", "<div>".repeat(30))).collect();
    assert!(own(&rules, &deep).expect("refused").contains("too many rules"));
    for css in [
        "}",
        "{",
        "{}",
        "@",
        "@media",
        "@media {",
        "a{",
        "a{color",
        "a{color:",
        "/*",
        "a,{color:red}",
        "> {color:#ccc}",
        "\u{301}{color:#ccc}",
    ] {
        own(css, "<p>x</p>");
    }
}
