//! Feeds, whole and cut, well-formed and not.

use crate::{euros, now};
use proptest::prelude::*;
use rekindle_catalogue::feed::{FeedError, FeedProduct, read_feed};
use rekindle_catalogue::{Availability, Product, Source};

const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
  <channel>
    <title>Leaf</title>
    <link>https://tea.example</link>
    <item>
      <g:id>GREEN-100</g:id>
      <g:item_group_id>GREEN</g:item_group_id>
      <title>Green tea &amp; cup, 100&#160;g</title>
      <link>https://tea.example/p/green?size=100&amp;ref=feed</link>
      <g:image_link><![CDATA[https://tea.example/i/green.jpg?w=600&h=600]]></g:image_link>
      <g:availability>in stock</g:availability>
      <g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping>
      <g:price>12.50 EUR</g:price>
      <g:sale_price>9,90 EUR</g:sale_price>
      <g:sale_price_effective_date>2026-03-01T00:00+0100/2026-03-08T23:59+0100</g:sale_price_effective_date>
      <g:product_type>Tea &gt; Green</g:product_type>
      <g:google_product_category>2073</g:google_product_category>
    </item>
    <item>
      <g:id>CUP</g:id>
      <title>Cup</title>
      <g:price>1.299,00 EUR</g:price>
      <g:availability>sold</g:availability>
      <link>ftp://tea.example/cup</link>
      <g:sale_price>5.00 EUR</g:sale_price>
      <g:sale_price_effective_date>soon</g:sale_price_effective_date>
    </item>
    <item><title>Without an id</title></item>
  </channel>
</rss>
"#;

fn products(feed: &str) -> (Vec<FeedProduct>, Vec<String>) {
    let (mut products, mut problems) = (Vec::new(), Vec::new());
    match read_feed(feed.as_bytes(), None) {
        Ok(entries) => {
            for entry in entries {
                match entry.map(|entry| entry.parse(now())) {
                    Ok(Ok(product)) => products.push(product),
                    Ok(Err(unusable)) => problems.push(unusable.to_string()),
                    Err(error) => problems.push(error.to_string()),
                }
            }
        }
        Err(error) => problems.push(error.to_string()),
    }
    (products, problems)
}

#[test]
fn entries_are_read_with_their_entities_groups_and_sales() {
    let (products, problems) = products(RSS);
    assert_eq!(problems, ["entry 3: id is missing"]);
    let green = &products[0];
    assert_eq!(green.id.to_string(), "GREEN, GREEN-100");
    assert_eq!(green.statement.name.as_deref(), Some("Green tea & cup, 100 g"));
    assert_eq!(green.statement.url.as_deref(), Some("https://tea.example/p/green?size=100&ref=feed"));
    assert_eq!(green.statement.image.as_deref(), Some("https://tea.example/i/green.jpg?w=600&h=600"));
    assert_eq!(green.statement.category.as_deref(), Some("Tea > Green"));
    assert_eq!(green.statement.availability, Some(Availability::InStock));
    assert_eq!(green.warnings, Vec::<String>::new());
    let mut product = Product::default();
    product.apply_statement(Source::Feed, green.statement.clone());
    let offer = product.offer(now());
    assert_eq!((offer.price, offer.sale_price), (Some(euros(1_250)), Some(euros(990))));
}

#[test]
fn a_field_that_cannot_be_used_costs_itself_and_is_named() {
    let (products, _) = products(RSS);
    let cup = &products[1];
    assert_eq!(cup.statement.price, Some(euros(129_900)));
    assert_eq!(cup.statement.sale, None, "without its time a sale would be shown for ever");
    insta::assert_snapshot!(cup.warnings.join("\n"));
}

#[test]
fn a_feed_that_is_cut_anywhere_says_so() {
    let whole = RSS.trim_end();
    let mut cut = 0;
    for end in 60..whole.len() {
        if !whole.is_char_boundary(end) {
            continue;
        }
        let feed = read_feed(&whole.as_bytes()[..end], None).expect("it begins as XML");
        let last = feed.last().expect("at least the end");
        assert!(matches!(last, Err(FeedError::Cut { .. })), "cut at {end}: {last:?}");
        cut += 1;
    }
    assert!(cut > 1_000, "{cut}");
}

#[test]
fn a_table_is_read_by_its_columns_and_a_cut_last_line_is_noticed() {
    let table = "id\ttitle\tlink\timage_link\tavailability\tprice\tg:brand\r\n\
                 CUP\tCup\thttps://tea.example/cup\thttps://tea.example/cup.jpg\tpreorder\t1299 JPY\tLeaf\r\n\
                 \t\t\t\t\t\t\r\n\
                 POT\tPot\t\t\t\t\t\r\n";
    let (found, problems) = products(table);
    assert_eq!((found.len(), problems.as_slice()), (2, [].as_slice()));
    assert_eq!(found[0].statement.brand.as_deref(), Some("Leaf"));
    assert_eq!(found[0].statement.price.map(|price| price.to_string()).as_deref(), Some("1299 JPY"));
    assert_eq!(found[0].statement.availability, Some(Availability::Preorder));
    let (found, problems) = products(&table[..table.len() - 6]);
    assert_eq!((found.len(), problems.len()), (1, 1), "{problems:?}");
}

#[test]
fn atom_is_read_and_other_files_are_named_as_none() {
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Leaf</title>
        <entry><g:id>1</g:id><title>Tea</title><link href="https://tea.example/p/1?a=1&amp;b=2"/></entry></feed>"#;
    let (found, problems) = products(atom);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(found[0].statement.url.as_deref(), Some("https://tea.example/p/1?a=1&b=2"));
    for none in ["", "customer_id,order_id\n1,2\n", "{\"id\": 1}"] {
        let (found, problems) = products(none);
        assert_eq!((found.len(), problems.len()), (0, 1), "{none}");
    }
}

#[test]
fn the_kept_feeds_become_the_products_that_they_tell() {
    let Ok(cases) = std::env::var("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES names no folder");
        return;
    };
    for form in ["xml", "tsv"] {
        let path = format!("{cases}/connectors/catalogue/google-merchant-feed.{form}");
        let text = std::fs::read_to_string(path).expect("the feed");
        let (found, problems) = products(&text);
        assert_eq!(problems, Vec::<String>::new(), "{form}");
        let ids: Vec<String> = found.iter().map(|product| product.id.to_string()).collect();
        assert_eq!(ids, ["BLK, BLK-GR", "CND-1"], "{form}");
        assert_eq!(found[0].statement.price, Some(euros(5_900)), "{form}");
        assert_eq!(found[0].statement.sale.as_ref().map(|sale| sale.price), Some(euros(4_900)), "{form}");
        assert_eq!(found[1].statement.availability, Some(Availability::OutOfStock), "{form}");
    }
}

proptest! {
    #[test]
    fn whatever_is_read_as_a_feed_ends(text in "[<>/&;a-z:!\\[\\]\"= \\t\\n\\-?]{0,400}", is_xml in any::<bool>()) {
        let text = if is_xml { format!("<rss><item>{text}") } else { format!("id\t{text}") };
        if let Ok(feed) = read_feed(text.as_bytes(), None) {
            // Each entry takes at least one byte of the text.
            prop_assert!(feed.count() <= text.len() + 1);
        }
    }

    #[test]
    fn no_bytes_make_a_feed_fail_otherwise_than_by_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(feed) = read_feed(bytes.as_slice(), None) {
            for entry in feed.flatten() {
                let _ = entry.parse(now());
            }
        }
    }
}
