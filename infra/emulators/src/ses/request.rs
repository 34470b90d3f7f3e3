//! Parsing and checking a `SendEmail` call, by the SES v2 API reference.

use super::Refusal;
use crate::Request;
use serde::Deserialize;

/// The content of a mail.
pub(super) struct Content {
    pub(super) subject: String,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
}

/// Limits of the SES v2 API; lengths are in bytes.
const MAX_RECIPIENTS: usize = 50;
const MAX_HEADERS: usize = 15;
const MAX_HEADER_NAME_LEN: usize = 126;
const MAX_HEADER_VALUE_LEN: usize = 995;
const MAX_TAGS: usize = 50;
const MAX_TAG_LEN: usize = 256;
const MAX_CONFIGURATION_SET_LEN: usize = 64;
const MAX_LOCAL_PART_LEN: usize = 64;
const MAX_ADDRESS_LEN: usize = 320;
const MAX_MESSAGE_BYTES: usize = 40 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Wire {
    from_email_address: Option<String>,
    destination: Destination,
    reply_to_addresses: Vec<String>,
    content: Option<WireContent>,
    email_tags: Vec<Pair>,
    configuration_set_name: Option<String>,
    tenant_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireContent {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Part,
    body: Body,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default)]
    attachments: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Part>,
    html: Option<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    name: String,
    value: String,
}

/// Parses the body of a `SendEmail` call into its request and content.
pub(super) fn parse(body: &[u8]) -> Result<(Request, Content), Refusal> {
    let wire: Wire = serde_json::from_slice(body).map_err(|error| {
        Refusal(400, "SerializationException", format!("the body is no SendEmail request: {error}"))
    })?;
    let content = content(wire.content)?;
    let pairs = |pairs: Vec<Pair>| pairs.into_iter().map(|pair| (pair.name, pair.value)).collect::<Vec<_>>();
    let request = Request {
        from: Some(wire.from_email_address.ok_or_else(|| bad("Missing required header 'From'."))?),
        to: wire.destination.to_addresses,
        cc: wire.destination.cc_addresses,
        bcc: wire.destination.bcc_addresses,
        reply_to: wire.reply_to_addresses,
        headers: pairs(content.headers),
        tags: pairs(wire.email_tags),
        configuration_set: wire.configuration_set_name,
        tenant: wire.tenant_name,
    };
    check_addresses(&request)?;
    check_headers(&request)?;
    check_tags(&request)?;
    let content = Content {
        subject: content.subject.data,
        text: content.body.text.map(|part| part.data),
        html: content.body.html.map(|part| part.data),
    };
    check_content(&content)?;
    Ok((request, content))
}

fn content(content: Option<WireContent>) -> Result<Simple, Refusal> {
    let simple = content.and_then(|content| content.simple);
    let simple = simple.ok_or_else(|| bad("the local stack plays mails with Content.Simple only"))?;
    if !simple.attachments.is_empty() {
        return Err(bad("the local stack plays no attachments"));
    }
    Ok(simple)
}

fn check_addresses(request: &Request) -> Result<(), Refusal> {
    let from = request.from.as_deref().unwrap_or_default();
    if from.contains(',') && !from.contains('"') {
        return Err(bad("From must be one address."));
    }
    if request.to.is_empty() {
        return Err(bad("Missing required header 'To'."));
    }
    if request.recipients().count() > MAX_RECIPIENTS {
        return Err(bad(format!("Recipient count exceeds {MAX_RECIPIENTS}.")));
    }
    request.recipients().chain([from]).chain(request.reply_to.iter().map(String::as_str)).try_for_each(check_address)
}

/// Checks an address: `local@domain` or `Name <local@domain>`.
fn check_address(given: &str) -> Result<(), Refusal> {
    if given.chars().any(char::is_control) {
        return Err(bad("Address contains control characters."));
    }
    // SES accepts 7-bit ASCII only, and mangles anything else (RFC 6531 is not supported).
    if !given.is_ascii() {
        return Err(bad(
            "Address contains non-ASCII characters; write the name as a MIME encoded word, the domain in Punycode",
        ));
    }
    let address = bare_address(given);
    let Some((local, domain)) = address.rsplit_once('@').filter(|(_, domain)| !domain.is_empty()) else {
        return Err(bad("Missing final '@domain'"));
    };
    if local.is_empty() {
        return Err(bad("Missing local part before '@domain'"));
    }
    if address.contains(char::is_whitespace) || address.contains(['<', '>', ',']) || local.contains('@') {
        return Err(bad("Illegal address"));
    }
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !label.starts_with('-')
    };
    if !domain.contains('.') || !domain.split('.').all(label) {
        return Err(bad("Domain contains illegal characters or is no domain name; write it in Punycode"));
    }
    if local.len() > MAX_LOCAL_PART_LEN || address.len() > MAX_ADDRESS_LEN {
        return Err(bad("Address is too long"));
    }
    Ok(())
}

/// The address within `Name <address>`.
pub(super) fn bare_address(given: &str) -> &str {
    given.rsplit_once('<').and_then(|(_, rest)| rest.trim_end().strip_suffix('>')).unwrap_or(given)
}

fn check_headers(request: &Request) -> Result<(), Refusal> {
    if request.headers.len() > MAX_HEADERS {
        return Err(bad(format!("a mail has at most {MAX_HEADERS} headers")));
    }
    for (name, value) in &request.headers {
        let printable = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if name.is_empty() || name.len() > MAX_HEADER_NAME_LEN || !printable(name) || name.contains([' ', ':']) {
            return Err(bad(format!("header name must be 1 to {MAX_HEADER_NAME_LEN} printable ASCII characters")));
        }
        if value.is_empty() || value.len() > MAX_HEADER_VALUE_LEN || !printable(value) {
            return Err(bad(format!(
                "the value of header {name} must be 1 to {MAX_HEADER_VALUE_LEN} printable ASCII characters"
            )));
        }
        if ["from", "to", "cc", "bcc", "subject"].contains(&name.to_ascii_lowercase().as_str()) {
            return Err(bad(format!("Duplicate header '{name}'.")));
        }
    }
    Ok(())
}

/// The tags of SES itself that a sender may set: they become part of the header `Feedback-ID`.
const FEEDBACK_TAGS: [&str; 2] = ["ses:feedback-id-a", "ses:feedback-id-b"];

fn check_tags(request: &Request) -> Result<(), Refusal> {
    let allowed = |text: &str, max: usize| {
        (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    if request.tags.len() > MAX_TAGS {
        return Err(bad(format!("a mail has at most {MAX_TAGS} tags")));
    }
    for (at, (name, value)) in request.tags.iter().enumerate() {
        if !(allowed(name, MAX_TAG_LEN) || FEEDBACK_TAGS.contains(&name.as_str())) || !allowed(value, MAX_TAG_LEN) {
            return Err(bad(format!(
                "tag {name:?}: name and value must be 1 to {MAX_TAG_LEN} of the characters A-Z a-z 0-9 _ -"
            )));
        }
        if request.tags[..at].iter().any(|(earlier, _)| earlier == name) {
            return Err(bad(format!("tag {name:?} is there twice")));
        }
    }
    if request.configuration_set.as_deref().is_some_and(|name| !allowed(name, MAX_CONFIGURATION_SET_LEN)) {
        return Err(bad(format!(
            "ConfigurationSetName must be 1 to {MAX_CONFIGURATION_SET_LEN} of the characters A-Z a-z 0-9 _ -"
        )));
    }
    Ok(())
}

fn check_content(content: &Content) -> Result<(), Refusal> {
    if content.subject.contains(['\r', '\n', '\0']) {
        return Err(bad("Subject contains control characters."));
    }
    if content.text.is_none() && content.html.is_none() {
        return Err(bad("Missing required member 'Text' or 'Html' of 'Body'."));
    }
    let bytes = [&content.text, &content.html].into_iter().flatten().map(String::len).sum::<usize>();
    if bytes > MAX_MESSAGE_BYTES {
        return Err(Refusal(
            400,
            "MessageRejected",
            format!("Message length is more than {MAX_MESSAGE_BYTES} bytes long: '{bytes}'."),
        ));
    }
    Ok(())
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal(400, "BadRequestException", message.into())
}
