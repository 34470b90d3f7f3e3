//! Text messages, from the shop's consent statement to the customer's own confirmation.

use crate::shop::{Shop, on_every_screen};
use serde_json::json;

#[test]
fn only_the_request_for_consent_is_texted_until_the_customer_consents() {
    let shop = Shop::open();
    let numbers = [("paula", "+442071838750"), ("dora", "+442071838751"), ("nora", "+442071838752")];
    let silent = "+442071838753";
    for (who, number) in numbers.into_iter().chain([("silent", silent)]) {
        shop.order(who, &json!({ "phone": number, "sms_marketing_consent": true }));
    }
    shop.pass("2d");
    on_every_screen(|browser, who| {
        let number = numbers.iter().find(|(name, _)| *name == who).expect("one of them").1;
        let texts = shop.texts(number);
        let [question] = texts.as_slice() else { panic!("{texts:?}") };
        assert!(question.starts_with("Harbour Records: ") && question.ends_with("Reply STOP to opt out"), "{question}");
        let link = shop.link_in(question, "c");
        browser.open(&link);
        assert!(browser.text().contains("Shall we text you?"), "{}", browser.text());
        assert!(
            shop.facts(who, "consent").iter().all(|said| said["source"] != json!("confirmation page")),
            "nothing is said by looking"
        );
        browser.follow("main button");
        assert!(browser.text().contains("From now on we text you"), "{}", browser.text());
        browser.follow("main a");
        assert!(browser.is_chosen("[name=sms-marketing]"));
    });
    shop.pass("20d");
    for (who, number) in numbers {
        assert!(shop.texts(number).len() > 1, "{who} gets texts now");
    }
    assert_eq!(shop.texts(silent).len(), 1, "a customer without an answer gets nothing more");
}
