//! Unsubscribing, and undoing it.

use crate::shop::{Shop, on_every_screen};
use serde_json::json;

#[test]
fn a_customer_leaves_and_comes_back_and_leaves_by_the_links_of_a_mail() {
    let shop = Shop::open();
    for who in ["paula", "dora", "nora"] {
        shop.order(who, &json!({}));
    }
    shop.pass("2h");
    on_every_screen(|browser, who| {
        shop.read_mail(browser, who, "thanks");
        browser.click("a[href*='/u/']");
        browser.enter_window(2);
        assert!(browser.text().contains("Stop our emails?"), "{}", browser.text());
        browser.follow("main button");
        assert!(browser.text().contains("You are unsubscribed"), "{}", browser.text());
        browser.follow("main button");
        assert!(browser.text().contains("You are back"), "{}", browser.text());
        if who == "dora" {
            return;
        }
        browser.open(&shop.link(who, "thanks", "u"));
        browser.follow("main button");
    });
    shop.pass("4d");
    assert_eq!(shop.sent("dora"), ["thanks", "guide"], "she subscribed again");
    assert_eq!(shop.sent("paula"), ["thanks"]);
    assert_eq!(shop.sent("nora"), ["thanks"]);
}

#[test]
fn the_one_click_of_a_mail_program_unsubscribes_without_opening_a_page() {
    let shop = Shop::open();
    let bodies = [
        ("form", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        (
            "multi",
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n",
        ),
    ];
    for (who, _, _) in bodies {
        shop.order(who, &json!({}));
    }
    shop.order("stays", &json!({}));
    shop.pass("2h");
    for (who, kind, body) in bodies {
        let mail = shop.mail(who, "thanks");
        let header = |name: &str| {
            let headers = mail["headers"].as_object().expect("headers");
            headers.get(name).and_then(serde_json::Value::as_str).unwrap_or_else(|| panic!("{name} in {headers:?}"))
        };
        assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        let link = header("List-Unsubscribe").split(['<', '>']).nth(1).expect("a link in brackets");
        // Scanners open the page first and change nothing; repeating the request changes nothing more.
        ureq::get(link).call().expect("a page");
        ureq::head(link).call().expect("a page");
        for _ in 0..2 {
            let mut agent = ureq::Agent::config_builder().max_redirects(0);
            agent = agent.max_redirects_will_error(false);
            let answer = agent.build().new_agent().post(link).content_type(kind).send(body).expect("an answer");
            assert_eq!(answer.status(), 200);
            assert!(answer.headers().get("set-cookie").is_none());
        }
    }
    shop.pass("4d");
    for (who, _, _) in bodies {
        assert_eq!(shop.sent(who), ["thanks"]);
    }
    assert_eq!(shop.sent("stays"), ["thanks", "guide"]);
}
