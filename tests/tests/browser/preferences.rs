//! The preferences page: what a customer wants to receive, in which language, and a pause.

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
    assert_eq!(shop.sent("paula"), ["thanks"], "no mail is sent during the pause");
}

#[test]
fn a_customer_asks_for_their_data_and_then_for_its_deletion() {
    let shop = Shop::open();
    for who in ["paula", "dora", "nora"] {
        shop.order(who, &json!({}));
    }
    shop.pass("2h");
    on_every_screen(|browser, who| {
        browser.open(&shop.link(who, "thanks", "p"));
        browser.click("#export summary");
        browser.follow("#export button");
        assert!(browser.text().contains("send you a copy of your data"), "{}", browser.text());
        browser.click("#erase summary");
        assert!(browser.text().contains("This cannot be undone"), "the consequence is explained before");
        browser.follow("#erase button");
        assert!(browser.text().contains("will delete your data"), "{}", browser.text());
        let facts = shop.facts(who, "other");
        let mut asked: Vec<_> = facts.iter().filter_map(|fact| fact["name"].as_str()).collect();
        asked.sort_unstable();
        assert_eq!(asked, ["Erase Requested", "Export Requested"]);
    });
}
