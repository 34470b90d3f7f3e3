//! Importing a history into a running stack.

use crate::stage::Stage;
use rekindle_imports::history::{Options, Reader};
use rekindle_imports::import::{Checkpoint, Import, ImportError, Rejects, Summary, Target, WriteKey};
use std::path::Path;

const HEAD: &str = "customer_id,order_id,ordered_at,amount,currency,email,status\n";

/// An import as the command sets it up.
pub(crate) fn import(url: &str, key: &str, history: &Path, restart: bool) -> Import {
    let key = WriteKey::new(key);
    let state = history.with_extension("state");
    let checkpoint = Checkpoint::open(&state, history, url, &key, "", restart).expect("a checkpoint");
    let rejects = Rejects::to_file(&history.with_extension("rejects"), checkpoint.line() > 0).expect("a file");
    let warnings = Rejects::to_file(&history.with_extension("warnings"), checkpoint.line() > 0).expect("a file");
    let reader = Reader::open(history).expect("a history");
    Import { reader, target: Target::new(url, key), checkpoint, rejects, warnings }
}

pub(crate) async fn run(import: &mut Import) -> Result<Summary, ImportError> {
    import.run(|_, _| ()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_imported_once_however_often_it_is_posted() {
    let stage = Stage::new().await;
    let rows: String = (0..730).map(|n| format!("c{},o{n},2026-02-{:02},{n}.50,EUR,,\n", n % 90, 1 + n % 28)).collect();
    let history = stage.file("orders.csv", &format!("{HEAD}{rows}"));
    let expected = Summary { rows: 730, accepted: 730, rejected: 0, warnings: 0 };
    let mut pump = stage.pump();
    for _ in 0..2 {
        let mut import = import(&stage.url, &stage.write_key, &history, false);
        assert_eq!(run(&mut import).await.expect("imported"), expected);
        pump.settle().await.expect("settled");
        let overview = stage.overview().await;
        assert_eq!((overview.customers, overview.orders), (90, 730));
    }
    assert!(!history.with_extension("state").exists(), "a finished import leaves no progress behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_rows_are_reported_by_their_line_and_do_not_stop_the_others() {
    let stage = Stage::new().await;
    let bad = [
        // Refused by the reader.
        (",o1,2026-03-01,1,EUR,,", "customer_id", "is missing"),
        ("anna,o2,2026-03-01,one,EUR,,", "amount", "is not a decimal amount"),
        ("anna,o3,2026-03-01,1,EURO,,", "currency", "ISO 4217"),
        ("anna,o4,in March,1,EUR,,", "ordered_at", "write an instant"),
        ("anna,o5,2026-03-01,1,EUR,,lost", "status", "use pending"),
        ("anna,o6,2026-03-01,1,EUR,a@example.com,paid,\"a, b\"", "the line", "has 8 values"),
        // Refused by the endpoint, which alone knows the time.
        ("anna,o7,2026-03-10T12:10:00Z,1,EUR,,", "ordered_at", "ahead of"),
        ("anna,o8,9999-01-01,1,EUR,,", "ordered_at", "ahead of"),
        ("anna,o9,1969-12-31,1,EUR,,", "ordered_at", "before 1990"),
    ];
    let both = |(at, (row, _, _)): (usize, &(&str, &str, &str))| format!("{row}\nbo,good-{at},2026-03-01,1,EUR,,\n");
    let rows: String = bad.iter().enumerate().map(both).collect();
    let history = stage.file("orders.csv", &format!("{HEAD}{rows}bo,last,2026-03-01,1,EUR,nobody,\n"));
    let mut import = import(&stage.url, &stage.write_key, &history, false);
    let summary = run(&mut import).await.expect("imported");
    assert_eq!(summary, Summary { rows: 19, accepted: 10, rejected: 9, warnings: 1 });

    let kept = import.rejects.first();
    for ((at, (row, field, reason)), found) in bad.iter().enumerate().zip(kept) {
        assert_eq!(found.line, 2 + 2 * at as u64, "{row}: {found}");
        assert_eq!(found.field, *field, "{row}: {found}");
        assert!(found.reason.contains(reason), "{row}: {found}");
    }
    assert_eq!(kept.len(), bad.len());
    let warned = import.warnings.first();
    assert_eq!((warned.len(), warned[0].line, warned[0].field.as_str()), (1, 20, "email"), "{warned:?}");
    let file = std::fs::read_to_string(history.with_extension("rejects")).expect("written");
    assert_eq!(file.lines().count(), 1 + bad.len());
    assert!(
        file.starts_with(
            "line,field,reason\n2,customer_id,\"is missing, and neither email nor phone says who ordered\"\n"
        ),
        "{file}"
    );
}

/// The sums of a customer's orders.
async fn value(stage: &Stage, customer: &str) -> String {
    stage.get_json(&format!("/v1/customers/{customer}")).await["orders"]["value"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_replaces_the_amounts_of_an_earlier_import_and_nothing_else_does() {
    let stage = Stage::new().await;
    let mut pump = stage.pump();
    let row = |amount: &str| format!("{HEAD}cy,o1,2026-02-01,{amount},EUR,cy@example.com,\n");
    for (is_correction, amount, expected) in [
        (false, "1999", "[\"1999.00 EUR\"]"),
        (false, "19.99", "[\"1999.00 EUR\"]"),
        (true, "19.99", "[\"19.99 EUR\"]"),
        (false, "1999", "[\"19.99 EUR\"]"),
    ] {
        let history = stage.file("orders.csv", &row(amount));
        let mut import = import(&stage.url, &stage.write_key, &history, true);
        // The stack's own time, which is not that of this machine.
        let started_at = stage.stack.time.now();
        let options = Options { is_correction, started_at, ..Options::default() };
        import.reader = Reader::with(&history, &options).expect("a history");
        assert_eq!(run(&mut import).await.expect("imported").accepted, 1);
        pump.settle().await.expect("settled");
        assert_eq!(value(&stage, "cy").await, expected, "{amount}, a correction: {is_correction}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_lines_and_refunds_is_stored_with_its_sums() {
    let stage = Stage::new().await;
    let export = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Refunded Amount\n\
                  #1,di@example.com,paid,EUR,53.91,2026-02-01 10:00:00 +0100,1,Tea,34.00,0.00\n\
                  #1,di@example.com,,,,2026-02-01 10:00:00 +0100,1,Cup,19.91,\n\
                  #2,di@example.com,partially_refunded,EUR,20.00,2026-02-03 10:00:00 +0100,1,Tea,20.00,5.00\n\
                  #3,di@example.com,refunded,EUR,15.00,2026-02-04 10:00:00 +0100,1,Soap,15.00,15.00\n\
                  #4,di@example.com,pending,EUR,12.00,2026-02-05 10:00:00 +0100,1,Soap,12.00,\n";
    let history = stage.file("orders_export.csv", export);
    let mut import = import(&stage.url, &stage.write_key, &history, false);
    let summary = run(&mut import).await.expect("imported");
    assert_eq!(summary, Summary { rows: 5, accepted: 5, rejected: 0, warnings: 0 });
    stage.pump().settle().await.expect("settled");
    let overview = stage.overview().await;
    assert_eq!((overview.customers, overview.orders), (1, 2), "what was refunded in full or not paid does not count");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_stops_the_import_before_the_first_row_and_is_not_shown() {
    let stage = Stage::new().await;
    let history = stage.file("orders.csv", &format!("{HEAD}anna,o1,2026-03-01,1,EUR,,\n"));
    for key in [format!("rk_write_{}", "0".repeat(64)), stage.admin_key.clone()] {
        let error = run(&mut import(&stage.url, &key, &history, false)).await.expect_err("refused");
        let told = error.to_string();
        assert!(told.contains("does not accept the write key: ") && !told.contains(&key), "{told}");
    }
    assert_eq!(stage.overview().await.customers, 0);
}
