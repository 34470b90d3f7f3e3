//! What a customer wants to receive, in which language, and when not.

use crate::shop::{Shop, on_every_screen};
use serde_json::json;

#[test]
fn a_customer_keeps_what_they_want_changes_the_language_and_takes_a_break() {
    let shop = Shop::open();
    for who in ["paula", "dora", "nora"] {
        shop.order(who, &json!({}));
    }
    shop.pass("2h");
    on_every_screen(|browser, who| {
        shop.read_mail(browser, who, "thanks");
        browser.click("a[href*='/p/']");
        browser.enter_window(2);
        assert!(browser.is_chosen("[name=email-marketing]") && browser.is_chosen("[name=email-survey]"));
        browser.click("[name=email-survey]");
        browser.click("#language option[value=ru]");
        browser.click("#pause option[value='30']");
        browser.clear("#time_zone");
        browser.type_into("#time_zone", "Europe/Moscow");
        browser.follow("main button");
        let text = browser.text();
        assert!(text.contains("Сохранено"), "{text}");
        assert!(browser.is_chosen("[name=email-marketing]") && !browser.is_chosen("[name=email-survey]"));
        assert_eq!(browser.value("#time_zone"), "Europe/Moscow");
        browser.clear("#time_zone");
        browser.type_into("#time_zone", "Mars/Base");
        browser.follow("main button");
        assert_eq!(browser.attribute("#time_zone", "aria-invalid"), "true");
    });
    shop.pass("25d");
    assert_eq!(shop.sent("paula"), ["thanks"], "nothing comes during the break");
}
