//! The question "how likely are you to recommend us?", from the mail to the answer.

use crate::shop::{Shop, on_every_screen};
use serde_json::json;

#[test]
fn a_score_is_clicked_in_the_mail_and_explained_on_the_page_and_changed_after_thanks() {
    let shop = Shop::open();
    for who in ["paula", "dora", "nora"] {
        shop.order(who, &json!({}));
    }
    shop.pass("15d");
    on_every_screen(|browser, who| {
        shop.read_mail(browser, who, "question");
        browser.click("[aria-label='9 out of 10']");
        browser.enter_window(2);
        assert!(browser.is_chosen("input[name=score][value='9']"), "the score of the link is chosen");
        assert!(shop.facts(who, "nps").is_empty(), "and counts only once it is sent");
        browser.type_into("#comment", "It came <b>the next day</b> {{ 7 * 7 }}");
        browser.follow("main button");
        let text = browser.text();
        assert!(text.contains("Thank you") && text.contains("Know somebody who would like us too?"), "{text}");
        let link = browser.value("#link");
        assert!(link.starts_with(&format!("{}/r/", shop.server.url)), "{link}");
        assert!(browser.attribute("a[href^='mailto:']", "href").contains(&link[link.len() - 8..]));
        browser.click("summary");
        assert_eq!(browser.value("#comment"), "It came <b>the next day</b> {{ 7 * 7 }}");
        assert_eq!(shop.facts(who, "nps")[0]["score"], json!(9));

        // Second thoughts: the lowest score, by its label.
        browser.click(".scores label:first-child");
        assert!(browser.text().contains("may write to me"), "asked as soon as the score says so");
        browser.follow("form button");
        assert!(browser.text().contains("sorry"), "{}", browser.text());
        assert!(!browser.text().contains("Know somebody"), "an unhappy customer is not asked to recommend");
        browser.click("input[name=may_call]");
        browser.follow("form button");
        assert!(browser.is_chosen("input[name=may_call]"), "the earlier choice is shown");
        assert!(browser.text().contains("will write to you"), "{}", browser.text());
        let answers = shop.facts(who, "nps");
        let [_, _, last] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((&last["score"], &last["may_call"]), (&json!(0), &json!(true)));
    });
}
