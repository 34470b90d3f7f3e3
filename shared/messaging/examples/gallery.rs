//! Writes every built-in message, filled for a sample customer, into a folder: one `.html`, `.txt` and
//! `.subject` file per mail, one `.sms.txt` per text message.
//!
//! ```text
//! cargo build --workspace --examples && target/debug/examples/gallery FOLDER
//! ```

use rekindle_lifecycle::channel::TemplateForm;
use rekindle_messaging::{Brand, CouponOffer, Language, MessageContext, MessageLinks, ReferralOffer, Templates};
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("name the folder to write to")?);
    fs::create_dir_all(&folder)?;
    let templates = Templates::built_in();
    for (tag, first_name) in [("en", "Anna"), ("ru", "Анна")] {
        let context = sample(tag, first_name)?;
        for name in Templates::names(TemplateForm::Mail) {
            let mail = templates.render_email(name, &context)?;
            let file = |extension: &str| folder.join(format!("{name}.{tag}.{extension}"));
            fs::write(file("html"), mail.html)?;
            fs::write(file("txt"), mail.text)?;
            fs::write(file("subject"), format!("{}\n{}\n", mail.subject, mail.preheader))?;
        }
        for name in Templates::names(TemplateForm::Text) {
            let sms = templates.render_sms(name, &context)?;
            let shown = format!("{}\n\n({} parts, {:?})\n", sms.text, sms.parts, sms.encoding);
            fs::write(folder.join(format!("{name}.{tag}.sms.txt")), shown)?;
        }
    }
    println!("{}", folder.display());
    Ok(())
}

fn sample(tag: &str, first_name: &str) -> Result<MessageContext, Box<dyn Error>> {
    let brand: Brand = serde_json::from_value(serde_json::json!({
        "name": if tag == "ru" { "Пластинка" } else { "Groove & Co" },
        "sender_address": "hello@groove.example.com",
        "sender_name": if tag == "ru" { "Маша из «Пластинки»" } else { "Maya from Groove & Co" },
        "postal_address": if tag == "ru" { "Москва, ул. Садовая, 12, 101000" } else { "12 Garden Street, Leeds LS1 4AB, United Kingdom" },
        "shop_url": "https://groove.example.com/",
        "accent_colour": "#1f5f4f",
    }))?;
    let token =
        "AQEw3qk1oY7J2cXb0m5VtPz9rLhNfGdE8sKuQyTjWvBn4aC6xRiHpZlOeMgUDSFkA1234567890abcdefghijklmnopqrstuvwxyz0123";
    let page = |kind: &str| format!("https://links.example.com/{kind}/{token}");
    Ok(MessageContext {
        brand,
        first_name: Some(first_name.to_owned()),
        language: Language::parse(tag)?,
        coupon: Some(CouponOffer {
            code: "BACK-7KQ2".to_owned(),
            percent: 15,
            expires_on: Some(jiff::civil::date(2026, 12, 5)),
        }),
        referral: Some(ReferralOffer {
            code: "7KQ2MX4H".to_owned(),
            friend_percent: Some(10),
            reward_percent: Some(15),
        }),
        links: MessageLinks {
            shop: "https://groove.example.com/".to_owned(),
            unsubscribe: page("u"),
            preferences: page("p"),
            nps: (0..=10).map(|score| format!("{}{score}", page("n"))).collect(),
            referral: Some("https://links.example.com/r/7KQ2MX4H".to_owned()),
            confirm: Some(page("c")),
        },
    })
}
