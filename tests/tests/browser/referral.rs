//! From a customer's recommendation to the friend's arrival at the shop.

use crate::shop::{Shop, on_every_screen};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A shop's own site: it answers everything with one page. Where it is.
fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // A browser may open a connection that it does not use.
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                if stream.read(&mut request).is_ok_and(|read| read > 0) {
                    let page = "<!doctype html><title>Shop</title><main>Welcome to the shop</main>";
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length:";
                    let _ = write!(stream, "{head} {}\r\n\r\n{page}", page.len());
                }
            });
        }
    });
    format!("http://{address}/")
}

#[test]
fn a_friend_follows_the_link_of_a_happy_customer_to_the_shop() {
    let shop = Shop::open();
    let site = site();
    shop.set_brand(&json!({
        "name": "Harbour Records", "sender_address": "hello@harbour-records.example", "sender_name": "Marta",
        "postal_address": "12 Harbour Lane, Bristol", "shop_url": site,
    }));
    for who in ["paula", "dora", "nora"] {
        shop.order(who, &json!({}));
    }
    shop.pass("15d");
    on_every_screen(|browser, who| {
        browser.open(&shop.link(who, "question", "n"));
        browser.click(".scores label:last-child");
        browser.follow("form button");
        let link = browser.value("#link");
        // The friend types the code in lower case and with a hyphen.
        let (path, code) = link.rsplit_once('/').expect("a path");
        browser.open(&format!("{path}/{}-{}", code[..4].to_lowercase(), &code[4..]));
        let text = browser.text();
        assert!(text.contains("Anna thinks you would like Harbour Records") && text.contains(code), "{text}");
        assert!(text.contains("10% off your first order"), "{text}");
        browser.follow("main button");
        assert_eq!(browser.url(), format!("{site}?referral_code={code}"));
        browser
            .open(&format!("{path}/{}", code.replacen(&code[..1], if code.starts_with('2') { "3" } else { "2" }, 1)));
        assert!(browser.text().contains("There is a slip in this code"), "{}", browser.text());
    });
}
