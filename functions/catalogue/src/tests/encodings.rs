//! Feeds that are not UTF-8, fetched.

use super::fetching::{FEED, Fetching, HOST, gzipped};
use rekindle_testing::Reply;

const NAME: &str = "Thé à la menthe";

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("a letter of Latin-1")).collect()
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn a_feed_is_read_in_the_encoding_that_it_or_its_server_says() {
    let xml = |encoding: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\"?><rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel>\
             <item><g:id>T-1</g:id><title>{NAME}</title></item></channel></rss>"
        )
    };
    let table = format!("id\ttitle\nT-1\t{NAME}\n");
    for (content, content_type) in [
        (latin_1(&xml("ISO-8859-1")), "text/xml; charset=utf-8"),
        (utf_16(&format!("\u{feff}{}", xml("UTF-16"))), "text/xml"),
        (utf_16(&table), "text/plain; charset=utf-8"),
        (latin_1(&table), "text/tab-separated-values"),
        (gzipped(&latin_1(&table)), "text/plain; charset=iso-8859-1"),
        // Cyrillic, of which only the server knows.
        (b"id\ttitle\nT-1\t\xd7\xe0\xe9\n".to_vec(), "text/plain; charset=windows-1251"),
        (table.into_bytes(), "text/plain; charset=utf-8"),
    ] {
        let fetching = Fetching::new().await;
        let reply = Reply::file(content).with("content-type", content_type);
        fetching.host.reply(HOST, "/feed.xml?token=SECRET", reply);
        fetching.store(FEED).await;
        assert_eq!(fetching.fetched().await["entries"], 1, "{content_type}");
        let name = if content_type.contains("1251") { "Чай" } else { NAME };
        assert_eq!(fetching.rig.json("GET", "/v1/products/T-1", "").await["name"], name, "{content_type}");
    }
}
