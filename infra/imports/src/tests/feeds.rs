//! Product feeds as files.

use super::TestFile;
use crate::products::{FeedSummary, read_feed_file};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::convert::Infallible;
use std::io::Write;

fn read(content: &[u8]) -> (Vec<Value>, FeedSummary) {
    let file = TestFile::new("feed", content);
    let mut posted = Vec::new();
    let summary = read_feed_file(&file.path(), jiff::Timestamp::UNIX_EPOCH, |products| {
        posted.extend(products);
        Ok::<(), Infallible>(())
    });
    (posted, summary.expect("a feed"))
}

#[test]
fn a_feed_file_is_read_in_the_encoding_that_it_says_or_can_be_recognised_by() {
    let cyrillic = "id\ttitle\n1\tЗелёный чай\n2\tЧёрный чай с бергамотом\n3\tЧашка для чая\n";
    let windows_1251 = encoding_rs::WINDOWS_1251.encode(cyrillic).0.into_owned();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&windows_1251).expect("packed");
    for content in [windows_1251, packer.finish().expect("packed"), cyrillic.as_bytes().to_vec()] {
        let (posted, summary) = read(&content);
        assert_eq!((summary.products, summary.cut.is_none()), (3, true));
        assert_eq!(posted[0]["name"], "Зелёный чай");
    }
    // What it says holds over what it looks like.
    let xml = "<?xml version='1.0' encoding='ISO-8859-1'?><rss><item><id>1</id><title>Thé</title></item></rss>";
    let (posted, _) = read(&encoding_rs::WINDOWS_1252.encode(xml).0);
    assert_eq!(posted[0]["name"], "Thé");
}
