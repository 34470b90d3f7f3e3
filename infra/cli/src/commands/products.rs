//! `rekindle products`: what a shop sells, over the HTTP API of a running stack.

mod feeds;

use self::feeds::FeedAction;
use super::admin_api::{self, AdminArgs, Api};
use super::output::note;
use super::progress;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rekindle_catalogue::ProductId;
use rekindle_imports::products::{FeedFileError, FeedSummary, MAX_CALL_PRODUCTS, discontinued, read_feed_file};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Shows what a shop sells, and takes in its product feed. Products are also learned by themselves, from orders and visits.
#[derive(Debug, Args)]
pub(super) struct ProductsArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    admin: AdminArgs,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Take in a feed of Google Merchant: XML or a table separated by tabs, gzipped or not. What an earlier feed had and this one has
    /// not is marked as discontinued, if the feed is whole
    Import {
        /// The file
        file: PathBuf,
        /// Mark as discontinued what is missing even if it is more than half of what is known
        #[arg(long)]
        even_most: bool,
    },
    /// List the products and variants that are known
    List,
    /// Show one product with its variants
    Show {
        /// Its id, as order lines have it
        id: String,
    },
    /// Feeds at an address, which the stack fetches by itself
    Feed {
        #[command(subcommand)]
        action: FeedAction,
    },
}

pub(super) async fn run(args: ProductsArgs) -> anyhow::Result<()> {
    admin_api::run(args.admin, args.action, args.json, act).await
}

/// Does it; the result for people and for programs.
fn act(api: &Api, action: &Action) -> anyhow::Result<(String, Value)> {
    match action {
        Action::Import { file, even_most } => import(api, file, *even_most),
        Action::Feed { action } => feeds::act(api, action),
        Action::List => {
            let mut products = Vec::new();
            each_product(api, "", |product| products.push(product))?;
            let lines: Vec<String> = products.iter().map(line).collect();
            let text = if lines.is_empty() { "No product is known yet.".to_owned() } else { lines.join("\n") };
            Ok((text, json!({ "products": products })))
        }
        Action::Show { id } => {
            let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
            let product = api.call_json("GET", &format!("/v1/products/{id}"), None)?;
            let mut text = details(&product)?;
            for variant in product["variants"].as_array().into_iter().flatten() {
                write!(text, "\n\n{}", details(variant)?)?;
            }
            Ok((text, product))
        }
    }
}

/// Posts a feed, and marks what it has no more.
fn import(api: &Api, file: &Path, even_most: bool) -> anyhow::Result<(String, Value)> {
    let bar = progress::spinner("reading the feed");
    let (mut changed, mut unchanged, mut refused) = (0, 0, Vec::new());
    let mut post = |products: Vec<Value>| -> anyhow::Result<()> {
        let call = json!({ "source": "feed", "products": products });
        let answer = api.call_json("PUT", "/v1/products", Some(&call.to_string()))?;
        changed += answer["changed"].as_u64().unwrap_or_default();
        unchanged += answer["unchanged"].as_u64().unwrap_or_default();
        refused.extend(answer["refused"].as_array().into_iter().flatten().cloned());
        bar.set_message(format!("{} products and variants", changed + unchanged));
        Ok(())
    };
    let summary = read_feed_file(file, Timestamp::now(), &mut post).map_err(|error| match error {
        FeedFileError::Post(error) => error,
        error => anyhow::anyhow!("{}: {error}", file.display()),
    })?;
    let gone = mark_missing(api, &summary, even_most, &mut post)?;
    bar.finish_and_clear();
    for reason in &summary.reasons {
        note(reason);
    }
    for one in &refused {
        let part = |name: &str| one[name].as_str().unwrap_or_default();
        note(format_args!("{}: {} {}", one["id"], part("field"), part("reason")));
    }
    let FeedSummary { products, refused: unusable, warnings, .. } = &summary;
    let unusable = unusable + refused.len() as u64;
    let mut text = format!(
        "{products} entries, {unusable} cannot be used, {warnings} warnings: {changed} changed, {unchanged} unchanged."
    );
    match &gone {
        Gone::Marked(0) => {}
        Gone::Marked(count) => write!(text, " {count} are not sold any more.")?,
        Gone::NotMarked(reason) => write!(text, "\nNothing was marked as discontinued: {reason}")?,
    }
    let marked = if let Gone::Marked(count) = gone { json!(count) } else { Value::Null };
    let json = json!({
        "entries": products, "refused": unusable, "warnings": warnings, "changed": changed, "unchanged": unchanged,
        "discontinued": marked, "whole": summary.cut.is_none(),
    });
    match &summary.cut {
        Some(cut) => {
            note(text);
            anyhow::bail!("{cut}")
        }
        None => Ok((text, json)),
    }
}

/// What was done with products that an earlier feed had and this one has not.
enum Gone {
    Marked(usize),
    NotMarked(String),
}

/// Marks as discontinued what an earlier feed had and this one has not, unless the feed cannot be the whole of it.
fn mark_missing(
    api: &Api,
    summary: &FeedSummary,
    even_most: bool,
    post: &mut impl FnMut(Vec<Value>) -> anyhow::Result<()>,
) -> anyhow::Result<Gone> {
    if summary.cut.is_some() {
        return Ok(Gone::NotMarked("the feed is cut.".to_owned()));
    }
    let (mut known, mut missing) = (0_usize, Vec::new());
    each_product(api, "source=feed&", |product| {
        // What comes from a feed that is fetched is not this file's to end.
        if product["availability"] == "discontinued" || product["feeds"].is_array() {
            return;
        }
        known += 1;
        let id = product["id"].as_str().and_then(|id| ProductId::new(id, product["variant"].as_str()));
        if id.is_some_and(|id| !summary.names(&id)) {
            missing.push(discontinued(&product));
        }
    })?;
    if missing.len() * 2 > known && !even_most {
        let reason = format!("{} of {known} products are missing. If that is right, say --even-most.", missing.len());
        return Ok(Gone::NotMarked(reason));
    }
    for part in missing.chunks(MAX_CALL_PRODUCTS) {
        post(part.to_vec())?;
    }
    Ok(Gone::Marked(missing.len()))
}

/// Every product and variant that is known, page by page.
fn each_product(api: &Api, parameters: &str, mut each: impl FnMut(Value)) -> anyhow::Result<()> {
    let mut after = String::new();
    loop {
        let mut page = api.call_json("GET", &format!("/v1/products?{parameters}limit=500{after}"), None)?;
        if let Value::Array(products) = page["products"].take() {
            products.into_iter().for_each(&mut each);
        }
        let Some(next) = page["next_after"].as_str() else { return Ok(()) };
        after = format!("&after={}", utf8_percent_encode(next, NON_ALPHANUMERIC));
    }
}

/// A product in one line.
fn line(product: &Value) -> String {
    let part = |name: &str| product[name].as_str().unwrap_or_default();
    let id =
        if part("variant").is_empty() { part("id").to_owned() } else { format!("{}, {}", part("id"), part("variant")) };
    let price = if part("sale_price").is_empty() { part("price") } else { part("sale_price") };
    format!("{id:<24}  {price:>10} {:<3}  {:<12}  {}", part("currency"), part("availability"), part("name"))
        .trim_end()
        .to_owned()
}

/// What is known of a product or a variant, a line each.
fn details(product: &Value) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for (name, value) in product.as_object().into_iter().flatten().filter(|(name, _)| *name != "variants") {
        let value = match value {
            Value::String(value) => value.clone(),
            Value::Array(values) if values.is_empty() => "no source; seen in events".to_owned(),
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            value => value.to_string(),
        };
        writeln!(text, "{:<24}  {value}", name.replace('_', " "))?;
    }
    Ok(text.trim_end().to_owned())
}
