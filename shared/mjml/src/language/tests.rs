use super::*;
use minijinja::Environment;
use proptest::prelude::*;

/// What the template engine makes of a source that the allow-list passes.
fn engine_takes(source: &str) -> Result<(), String> {
    let mut engine = Environment::empty();
    engine.add_template("x", source).map_err(|error| format!("{source}: {error}"))
}

fn refusal(source: &str) -> String {
    check_language(source).expect_err("refused").problem
}

#[test]
fn what_templates_need_is_in_the_language() {
    for source in [
        "{{ first_name }}{{brand.name}}{{- coupon.code -}} {{+ x +}}",
        "{% if referral and (referral.friend_discount or not referral.reward_discount) %}a{% elif x %}b{% else %}c{% endif %}",
        "{%- for score in [0, 1, 2, 3, -4, 1.5, 'a', \"b\", true, none] -%}{{ links.nps[score] }}{%- endfor %}",
        "{% for link in links.nps %}{{ loop.index }}{{ links.nps[loop.index0] }}{{ links.nps[3] }}{% else %}none{% endfor %}",
        "{{ first_name|default(\"friend\")|upper|trim }} {{ (a or 'b')|lower }} {{ x|default('', true)|length }}",
        "{{ coupon.discount if coupon else 'news' }} {{ a if b else c if d is defined else 'e' }}",
        "{% if x is defined and x is not none and language == 'de' and 1 <= x.y %}{% endif %}",
        "{# a comment: {{ '~ #}{# {% raw %} #}",
        "{{ 'it\\'s }} {% raw %}' }}{{ \"\\\\\" }}",
        "no brackets { } %} }} #}",
    ] {
        assert_eq!(check_language(source), Ok(()), "{source}");
        assert_eq!(engine_takes(source), Ok(()));
    }
}

#[test]
fn everything_else_is_refused() {
    for inside in [
        "",
        "-",
        "x ~ x",
        "x + x",
        "x - 1",
        "x * 2",
        "x / 2",
        "x // 2",
        "x % 2",
        "x ** 2",
        "-x",
        "[x, x]",
        "[]",
        "()",
        "(x, x)",
        "{'a': x}",
        "{}",
        "x[1:2]",
        "x[::]",
        "x['a']",
        "x[y[0]]",
        "x.0",
        "x()",
        "x.upper()",
        "x|upper()",
        "x|join",
        "x|safe",
        "x|default(y)",
        "x|default(a=1)",
        "x|default([1])",
        "range(9)",
        "x in y",
        "x not in y",
        "x is divisibleby 3",
        "x is defined if y",
        "x is",
        "a b",
        "a == b == c",
        "a == not b",
        "'a",
        "0x1f",
        "1e9",
        "1.",
        "1_000",
        "12345678901",
        "x|",
        ".x",
        "x.",
        "x..y",
        "(x",
        "x)",
        "x]",
        "self",
        "self.x()",
        "not",
        "if",
        "x if",
        "x and",
        "'\\x41'",
        "х",
        "x;y",
        "$x",
        "x ? y : z",
        "loop(x)",
        "x | upper | ",
        "\\",
        "`x`",
        "x &amp;&amp; y",
    ] {
        let source = format!("a\n{{{{ {inside} }}}}");
        assert_eq!(check_language(&source).map_err(|mistake| mistake.line), Err(2), "{source}");
    }
    for inside in [
        "set x = 1",
        "macro m()",
        "include 'html'",
        "extends 'a'",
        "block b",
        "raw",
        "call x",
        "filter upper",
        "with x = 1",
        "autoescape false",
        "do x",
        "import 'a' as a",
        "from 'a' import b",
        "",
        "if",
        "if1",
        "else",
        "elif x",
        "endif",
        "endfor",
        "if x ~ y",
        "if x if y else z",
        "for x in y",
        "for x in x.y",
        "for x in 'abc'",
        "for x, y in links.nps",
        "for x in links.nps if x",
        "for x in links.nps recursive",
        "for x in links.nps|upper",
        "for x in [[1]]",
        "for x in [y]",
        "for loop in links.nps",
        "for if in links.nps",
        "for x in range(9)",
        "for x in links . nps . nps",
        "for",
        "for x",
        "for x in",
        "for x in [1",
        "break",
        "endif x",
        "IF x",
    ] {
        let source = format!("\n\n{{% {inside} %}}");
        assert_eq!(check_language(&source).map_err(|mistake| mistake.line), Err(3), "{source}");
    }
    for (source, line) in [
        ("{% if x %}\n{% for x in links.nps %}{% endif %}{% endfor %}", 2),
        ("{% if x %}{% else %}\n{% else %}{% endif %}", 2),
        ("{% if x %}{% else %}\n{% elif x %}{% endif %}", 2),
        ("{% for x in links.nps %}{% else %}\n{% elif x %}{% endfor %}", 2),
        ("\n{% if x %}\n\n", 2),
        ("\n{% for x in links.nps %}\n\n", 2),
        ("\n{{ x", 2),
        ("\n{# x", 2),
        ("\n{% if '%}", 2),
    ] {
        assert_eq!(check_language(source).map_err(|mistake| mistake.line), Err(line), "{source}");
    }
}

#[test]
fn every_size_is_bounded_and_the_reason_is_said() {
    let nested = |times: usize, open: &str, close: &str| format!("{}{}", open.repeat(times), close.repeat(times));
    for (source, reason) in [
        (format!("{{{{ '{}' }}}}", "x".repeat(499)), "at most 500 are allowed"),
        (format!("{{{{ x{} }}}}", " or x".repeat(25)), "more than 24 operators"),
        (format!("{{{{ {}x }}}}", "not ".repeat(25)), "more than 24 operators"),
        (format!("{{{{ x{} }}}}", "|upper".repeat(25)), "more than 24 operators"),
        (format!("{{{{ x{} }}}}", ".x".repeat(25)), "more than 24 operators"),
        (format!("{{{{ x{} }}}}", " if x else x".repeat(25)), "more than 24 operators"),
        (format!("{{{{ {}x{} }}}}", "(".repeat(5), ")".repeat(5)), "more than 4 deep"),
        (nested(25, "{% if x %}", "{% endif %}"), "more than 24 deep"),
        (format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(24)), "more than 24 deep"),
        (nested(3, "{% for x in links.nps %}", "{% endfor %}"), "more than 2 deep"),
        ("{{ x }}".repeat(2_001), "more than 2000 expressions"),
        ("{##}".repeat(2_001), "more than 2000 expressions"),
        (format!("{{% for x in [{}] %}}{{% endfor %}}", "1,".repeat(33)), "at most 32 values"),
    ] {
        assert!(refusal(&source).contains(reason), "{}", refusal(&source));
    }
    let largest = [
        format!("{{{{ {}{}x{} }}}}", "not ".repeat(20), "(".repeat(4), ")".repeat(4)),
        nested(24, "{% if x %}", "{% endif %}"),
        format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(23)),
        nested(2, "{% for x in links.nps %}", "{% endfor %}"),
        "{{ x }}".repeat(2_000),
    ];
    for source in largest {
        assert_eq!(check_language(&source), Ok(()), "{source}");
        let on_a_small_stack = std::thread::Builder::new().stack_size(1 << 20).spawn(move || engine_takes(&source));
        assert_eq!(on_a_small_stack.expect("a thread").join().expect("no overflow"), Ok(()));
    }
}

/// Words of the language and of its neighbourhood, in any order.
fn any_source() -> impl Strategy<Value = String> {
    let words = [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{-",
        "-}}",
        "{%-",
        "+%}",
        "if",
        "elif",
        "else",
        "endif",
        "for",
        "endfor",
        "in",
        "is",
        "not",
        "and",
        "or",
        "defined",
        "none",
        "x",
        "links.nps",
        "loop",
        ".",
        "(",
        ")",
        "[",
        "]",
        ",",
        "|",
        "upper",
        "default",
        "'a'",
        "\"b\"",
        "'",
        "\\",
        "1",
        "1.5",
        "-",
        "==",
        "<",
        "~",
        "+",
        "{",
        "}",
        "\n",
        "raw",
        "endraw",
        "set",
        "=",
        "x.y",
        "ж",
        "\u{a0}",
        "\u{b}",
        "recursive",
        "self",
        "true",
    ];
    let word =
        (0..words.len(), prop::bool::ANY).prop_map(move |(n, space)| [words[n], if space { " " } else { "" }].concat());
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

/// Sources of which many are in the language.
fn likely_source() -> impl Strategy<Value = String> {
    let primary = prop_oneof![
        Just("x".to_owned()),
        Just("a.b.c".to_owned()),
        Just("links.nps[2]".to_owned()),
        Just("x[loop.index0]".to_owned()),
        Just("'}} ~'".to_owned()),
        Just("-7".to_owned()),
        Just("1.25".to_owned()),
        Just("none".to_owned()),
        Just("True".to_owned()),
    ];
    let expression = primary.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|x| format!("not {x}")),
            inner.clone().prop_map(|x| format!("({x})")),
            inner.clone().prop_map(|x| format!("{x}|upper")),
            inner.clone().prop_map(|x| format!("{x}|default('a', -1)")),
            inner.clone().prop_map(|x| format!("{x} is not defined")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("{x} or {y}")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("{x} and {y}")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("{x} <= {y}")),
            (inner.clone(), inner.clone(), inner).prop_map(|(x, y, z)| format!("{x} if {y} else {z}")),
        ]
    });
    let piece = (expression, 0..7_u8).prop_map(|(x, kind)| match kind {
        0 => format!("{{% if {x} %}}a"),
        1 => format!("{{% elif {x} %}}b"),
        2 => "{% else %}c{% endif %}".to_owned(),
        3 => "{% endif %}".to_owned(),
        4 => "{%- for x in links.nps -%}d{% endfor %}".to_owned(),
        _ => format!("{{{{ {x} }}}}"),
    });
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_the_language_takes_the_engine_takes(source in prop_oneof![any_source(), likely_source()]) {
        if check_language(&source).is_ok() {
            prop_assert_eq!(engine_takes(&source), Ok(()));
        }
    }
}

#[test]
fn the_generator_makes_enough_that_is_taken() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let sources = (0..1_000).filter_map(|_| Some(likely_source().new_tree(&mut runner).ok()?.current()));
    let taken = sources.filter(|source| check_language(source).is_ok()).count();
    assert!(taken > 100, "{taken} of 1000");
}
