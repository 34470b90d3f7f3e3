//! Templates of any content, as a shop may store them: each is accepted or refused, and what is accepted can be filled for every
//! customer within its limits.

use crate::context;
use proptest::prelude::*;
use proptest::sample::select;
use rekindle_messaging::{Language, TemplateContent, TemplateOverride, Templates};

/// Most bytes of a filled mail: what the renderer stops at.
const MAX_HTML_BYTES: usize = 1_000_000;

const PIECES: [&str; 48] = [
    "<mj-text>",
    "</mj-text>",
    "<mj-button href=\"{{ links.shop }}\">",
    "</mj-button>",
    "<mj-raw>",
    "</mj-raw>",
    "<mj-table>",
    "</mj-table>",
    "<mj-image src=\"{{ brand.logo_url }}\" />",
    "<mj-spacer />",
    "<div>",
    "</div>",
    "<p style=\"color:{{ brand.accent_colour }}\">",
    "</p>",
    "<br>",
    "<a href=\"{{ links.unsubscribe }}\">",
    "</a>",
    "<!-- ",
    " -->",
    "<![CDATA[",
    "]]>",
    "<mj-include path=\"/etc/passwd\" />",
    "{% if first_name %}",
    "{% if coupon and coupon.expires_on %}",
    "{% elif referral %}",
    "{% else %}",
    "{% endif %}",
    "{% for x in links.nps %}",
    "{% for x in [1, 2, 3] %}",
    "{% endfor %}",
    "{{ first_name }}",
    "{{ first_name|default('friend')|upper }}",
    "{{ coupon.code }}",
    "{{ brand.postal_address }}",
    "{{ x }}",
    "{{ loop.index }}",
    "{{ links }}",
    "{{ first_name ~ first_name }}",
    "{{ [x, x] }}",
    "{{ 'x' * 100000000 }}",
    "{% set x = x ~ x %}",
    "{% for x in range(100000000) %}",
    "jinja0x0x",
    "words",
    " > ",
    "Скидка > 10 %",
    "&amp; < \"'",
    "\n",
];

fn mail(mjml: String) -> TemplateOverride {
    TemplateOverride {
        name: "welcome-thanks".to_owned(),
        language: Language::english(),
        content: TemplateContent::Email {
            subject: "Hello".to_owned(),
            preheader: String::new(),
            mjml,
            text: "Our own words".to_owned(),
        },
    }
}

/// Pieces in any order, some of them repeated.
fn any_source(most: usize) -> impl Strategy<Value = String> {
    let piece = (select(PIECES.to_vec()), prop_oneof![20 => Just(1..2_usize), 1 => Just(1..300)]);
    let repeated = piece.prop_flat_map(|(piece, times)| times.prop_map(move |times| piece.repeat(times)));
    prop::collection::vec(repeated, 0..most).prop_map(|pieces| pieces.concat())
}

/// A source of which each part is whole, so that many are accepted.
fn likely_source() -> impl Strategy<Value = String> {
    let whole = select(vec![
        "<mj-text>words {{ brand.name }}</mj-text>",
        "<mj-text>{% if first_name %}{{ first_name|upper }}{% else %}you{% endif %}</mj-text>",
        "<mj-text>{% for x in links.nps %}{{ x }} {{ loop.index }}{% endfor %}</mj-text>",
        "<mj-raw>{% for x in links.nps %}</mj-raw><mj-text>{% for y in links.nps %}{{ x }}{{ y }}{% endfor %}</mj-text><mj-raw>{% endfor %}</mj-raw>",
        "<mj-raw>{% if coupon %}</mj-raw><mj-text>{{ coupon.code }}</mj-text><mj-raw>{% endif %}</mj-raw>",
        "<mj-button href=\"{{ links.shop }}\">Go</mj-button>",
        "<mj-text>jinja0x0x jinja1x</mj-text>",
    ]);
    prop::collection::vec((whole, 1..9_usize).prop_map(|(piece, times)| piece.repeat(times)), 1..9)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_shop_stores_is_refused_or_can_be_filled(
        source in prop_oneof![3 => any_source(40), 1 => likely_source()],
        name in ".{0,60}",
        link in 10..1_900_usize,
    ) {
        if let Ok(checked) = mail(source).check() {
            let templates = Templates::built_in().with(&checked).expect("checked a moment ago");
            let mut customer = context("en", true);
            customer.first_name = Some(name);
            customer.links.shop = format!("https://groove.example.com/{}", "&".repeat(link));
            let mail = templates.render_email("welcome-thanks", &customer).expect("accepted, so it can be filled");
            prop_assert!(mail.html.len() <= MAX_HTML_BYTES);
            prop_assert!(mail.subject.chars().count() <= 200);
        }
    }

    #[test]
    fn whatever_a_shop_stores_as_a_text_is_refused_or_can_be_filled(words in any_source(12)) {
        let sms = format!("{{{{ brand.name }}}}: {words} Reply STOP to opt out");
        let own = TemplateOverride {
            name: "welcome-text".to_owned(),
            language: Language::english(),
            content: TemplateContent::Sms { sms },
        };
        if let Ok(checked) = own.check() {
            let templates = Templates::built_in().with(&checked).expect("checked a moment ago");
            let sms = templates.render_sms("welcome-text", &context("en", false)).expect("accepted, so it can be filled");
            prop_assert!(sms.parts <= 10 && !sms.text.contains("{{"));
        }
    }
}

#[test]
fn the_generator_makes_mails_that_are_accepted() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let sources = (0..40).filter_map(|_| Some(likely_source().new_tree(&mut runner).ok()?.current()));
    let accepted = sources.filter(|source| mail(source.clone()).check().is_ok()).count();
    assert!(accepted > 15, "{accepted} of 40");
}
