//! Export files of shop systems.

use super::{TestFile, entries, in_zone, options, read};
use crate::history::{Options, Reader};
use serde_json::json;

const SHOPIFY: &str = "Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,\
    Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Zip,Phone,Cancelled at,\
    Refunded Amount,Vendor,Id,Lineitem discount\n";

fn shopify(rows: &str) -> TestFile {
    TestFile::new("orders_export.csv", format!("{SHOPIFY}{rows}"))
}

#[test]
fn shopifys_order_is_that_of_its_first_row_with_the_lines_of_all() {
    let file = shopify(
        "#7,ida@example.com,paid,2026-05-01 10:00:00 +0200,yes,EUR,100.90,0.00,8.33,100.90,TEN,10.00,2026-05-01 09:59:00 +0200,1,Tea,\
         62.95,T-1,Ida Muster,'00000,'+491700000000,,0.00,Leaf,5550000000001,0.00\n\
         #7,ida@example.com,,,,,,,,,,,2026-05-01 09:59:00 +0200,2,\"Cup, blue\",18.97,,,,,,,Leaf,,1.00\n",
    );
    let reader = Reader::open(&file.path()).expect("recognised");
    assert!(reader.findings().is_recognised && reader.findings().title == "Shopify's export of orders");
    let found = entries(&file.path(), &options());
    assert_eq!((found.len(), found[0].rows), (1, 2));
    assert_eq!(
        found[0].events[0],
        json!({
            "type": "track",
            "event": "Order Completed",
            "messageId": found[0].events[0]["messageId"],
            "timestamp": "2026-05-01T07:59:00Z",
            "properties": {
                "order_id": "5550000000001", "total": "100.90", "currency": "EUR", "subtotal": "100.90", "shipping": "0.00",
                "tax": "8.33", "discount": "10.00", "coupon": "TEN",
                "products": [
                    { "sku": "T-1", "name": "Tea", "brand": "Leaf", "quantity": 1, "price": "62.95" },
                    { "name": "Cup, blue", "brand": "Leaf", "quantity": 2, "price": "18.97", "discount": "1.00" },
                ],
            },
            "context": { "traits": { "email": "ida@example.com", "phone": "+491700000000", "name": "Ida Muster" } },
        })
    );
}

#[test]
fn shopifys_refunds_cancellations_and_unpaid_orders_are_what_they_are() {
    let row = |name: &str, status: &str, cancelled: &str, refunded: &str| {
        format!(
            "{name},a@example.com,{status},,no,EUR,20,0,0,20.00,,0,2026-05-01 10:00:00 +0000,1,Tea,20.00,,,,,{cancelled},{refunded},,,\n"
        )
    };
    let cancelled = "2026-05-03 10:00:00 +0000";
    let file = shopify(
        &[
            row("#1", "partially_refunded", "", "5.00"),
            row("#2", "refunded", cancelled, "20.00"),
            row("#3", "voided", cancelled, "0.00"),
            row("#4", "pending", "", "0.00"),
            row("#5", "authorized", "", "0.00"),
            row("#6", "paid", cancelled, "0.00"),
        ]
        .concat(),
    );
    assert_eq!(
        read(&file.path(), &options()).expect("read"),
        [
            "Order Completed #1 a@example.com 20.00 EUR 2026-05-01T10:00:00Z",
            "Order Refunded #1 a@example.com 5.00 EUR 2026-05-01T10:00:00Z",
            "Order Completed #2 a@example.com 20.00 EUR 2026-05-01T10:00:00Z",
            "Order Refunded #2 a@example.com 20.00 EUR 2026-05-03T10:00:00Z",
            "Order Cancelled #3 a@example.com EUR 2026-05-03T10:00:00Z",
            "Order Placed #4 a@example.com 20.00 EUR 2026-05-01T10:00:00Z",
            "Order Placed #5 a@example.com 20.00 EUR 2026-05-01T10:00:00Z",
            "Order Cancelled #6 a@example.com EUR 2026-05-03T10:00:00Z",
        ]
    );
}

#[test]
fn woocommerces_numbered_lines_are_products_and_a_customer_of_zero_is_a_guest() {
    let webtoffee = "order_id,order_number,order_date,status,order_total,shipping_total,order_currency,customer_id,billing_first_name,\
                     billing_email,billing_phone,Product Item 1 Name,Product Item 1 id,Product Item 1 SKU,Product Item 1 Quantity,\
                     Product Item 1 Total,Product Item 2 Name,Product Item 2 Quantity,Product Item 2 Total\n\
                     9,9,2026-03-02 09:00:00,completed,39.00,10.00,EUR,26,Ida,ida@example.com,,Mug,87,M-1,2,19.00,Tea,1,10.00\n\
                     10,10,2026-03-02 09:05:31,processing,19.90,0.00,EUR,0,Bo,bo@example.com,,Tea,34,,2,19.90,,,\n";
    let file = TestFile::new("orders.csv", webtoffee);
    let found = entries(&file.path(), &in_zone("Europe/Berlin"));
    assert_eq!((found[0].who.as_str(), found[1].who.as_str()), ("26", "bo@example.com"));
    assert_eq!(found[1].events[0].get("userId"), None);
    assert_eq!(
        found[0].events[0]["properties"]["products"],
        json!([
            { "product_id": "87", "sku": "M-1", "name": "Mug", "quantity": 2, "price": "9.5" },
            { "name": "Tea", "quantity": 1, "price": "10" },
        ])
    );
    assert_eq!(found[0].events[0]["timestamp"], "2026-03-02T08:00:00Z");
    let older = "order_id,order_number,order_date,status,order_total,order_currency,customer_id,customer_user,customer_email,line_item_1\n\
                 11,11,2026-03-02 09:00:00,wc-completed,15.00,EUR,0,0,uma@example.com,name:Tee|product_id:12|sku:TEE|quantity:1|total:15.00\n";
    let file = TestFile::new("orders.csv", older);
    let found = entries(&file.path(), &in_zone("Europe/Berlin"));
    let products = json!([{ "name": "Tee", "product_id": "12", "sku": "TEE", "quantity": 1, "price": "15" }]);
    assert_eq!(found[0].events[0]["properties"]["products"], products);
}

#[test]
fn stripes_payments_are_orders_in_utc_with_what_was_refunded_of_them() {
    let text = "id,Description,Created date (UTC),Amount,Amount Refunded,Currency,Converted Amount,Fee,Status,Customer ID,Customer Email\n\
                ch_1,x,2025-06-15 10:11:09,\"1,299.00\",0.00,eur,\"1,299.00\",20.1,Paid,cus_A,a@example.com\n\
                ch_2,x,2025-06-16 10:11:09,30.00,10.00,eur,30.00,1.1,Paid,,b@example.com\n\
                ch_3,x,2025-06-17 10:11:09,30.00,0.00,eur,30.00,0,Failed,,c@example.com\n";
    let file = TestFile::new("unified_payments.csv", text);
    assert_eq!(
        read(&file.path(), &options()).expect("read"),
        [
            "Order Completed ch_1 cus_A 1299.00 EUR 2025-06-15T10:11:09Z",
            "Order Completed ch_2 b@example.com 30.00 EUR 2025-06-16T10:11:09Z",
            "Order Refunded ch_2 b@example.com 10.00 EUR 2025-06-16T10:11:09Z",
            "Order Cancelled ch_3 c@example.com EUR 2025-06-17T10:11:09Z",
        ]
    );
}

#[test]
fn ucis_invoices_are_the_sums_of_their_lines_and_credit_notes_are_refunds() {
    let text = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
                536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n\
                536365,71053,LANTERN,6,12/1/2010 8:26,3.39,17850.0,United Kingdom\n\
                C536379,D,Discount,-1,12/13/2010 9:41,27.50,14527.0,United Kingdom\n\
                536414,22139,,56,12/13/2010 11:52,0,,United Kingdom\n";
    let file = TestFile::new("online_retail.csv", text);
    assert_eq!(
        read(&file.path(), &options()).expect("read"),
        [
            "Order Completed 536365 17850 35.64 GBP 2010-12-01T08:26:00Z",
            "Order Refunded C536379 14527 27.50 GBP 2010-12-13T09:41:00Z",
            "line 5: customer_id is missing, and neither email nor phone says who ordered",
        ]
    );
}

#[test]
fn olists_orders_need_the_files_beside_them() {
    let orders = "\"order_id\",\"customer_id\",\"order_status\",\"order_purchase_timestamp\"\n\
                  \"e481f51cbdc54678b7cc49136f2d6af7\",\"9ef432eb6251297304e76186b10a928d\",delivered,2017-10-02 10:56:33\n\
                  \"53cdb2fc8bc7dce0b6741e2150273451\",\"b0830fb4747a6c6d20dea0b8c802d7ef\",created,2018-07-24 20:41:37\n";
    let file = TestFile::new("olist_orders_dataset.csv", orders);
    let refused = |file: &TestFile| Reader::open(&file.path()).err().expect("refused").to_string();
    assert!(refused(&file).contains("olist_customers_dataset.csv"), "{}", refused(&file));
    let beside = |name: &str, text: &str| std::fs::write(file.path().with_file_name(name), text).expect("written");
    let person = "861eff4711a542e4b93843c6dd7febb0";
    beside(
        "olist_customers_dataset.csv",
        &format!(
            "customer_id,customer_unique_id\n9ef432eb6251297304e76186b10a928d,{person}\nb0830fb4747a6c6d20dea0b8c802d7ef,{person}\n"
        ),
    );
    assert!(refused(&file).contains("olist_order_payments_dataset.csv"), "{}", refused(&file));
    beside(
        "olist_order_payments_dataset.csv",
        "order_id,payment_sequential,payment_value\ne481f51cbdc54678b7cc49136f2d6af7,1,18.12\n\
         e481f51cbdc54678b7cc49136f2d6af7,2,20.59\n53cdb2fc8bc7dce0b6741e2150273451,1,141.46\n",
    );
    assert_eq!(
        read(&file.path(), &options()).expect("read"),
        [
            format!("Order Completed e481f51cbdc54678b7cc49136f2d6af7 {person} 38.71 BRL 2017-10-02T13:56:33Z"),
            format!("Order Placed 53cdb2fc8bc7dce0b6741e2150273451 {person} 141.46 BRL 2018-07-24T23:41:37Z"),
        ]
    );
}

#[test]
fn klaviyos_events_come_over_as_far_as_they_have_an_equivalent() {
    let text = "Metric,Timestamp,Email,Event ID,Order ID,Value,Currency,Product Name\n\
                Placed Order,2026-03-01T10:00:00+00:00,a@example.com,e1,77,12.50,EUR,\n\
                Viewed Product,2026-03-01 09:00:00,a@example.com,e2,,,,Mug\n\
                Opened Email,2026-03-01 09:00:00,a@example.com,e3,,,,\n";
    let file = TestFile::new("events.csv", text);
    assert_eq!(
        read(&file.path(), &options()).expect("read"),
        [
            "Order Completed 77 a@example.com 12.50 EUR 2026-03-01T10:00:00Z",
            "Product Viewed a@example.com 2026-03-01T09:00:00Z",
            "line 4: metric is \"Opened Email\", which does not come over",
        ]
    );
}

#[test]
fn an_option_names_the_system_where_the_header_does_not() {
    let text = "Name,Email,Created at,Total,Currency\n#1,a@example.com,2026-05-01 10:00:00 +0000,20.00,EUR\n";
    let file = TestFile::new("orders.csv", text);
    let named = Options { from: Some("shopify".to_owned()), ..options() };
    assert_eq!(
        read(&file.path(), &named).expect("read"),
        ["Order Completed #1 a@example.com 20.00 EUR 2026-05-01T10:00:00Z"]
    );
    assert!(Options::check_from("Shopify").is_ok());
    assert!(Options::check_from("squarespace").expect_err("not known").contains("woocommerce"));
}
