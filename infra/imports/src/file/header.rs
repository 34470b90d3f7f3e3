//! Names of columns.

use std::collections::HashMap;
use std::sync::Arc;

/// The names of columns in lower case. A name that is there before gets a number, one that is missing its place.
pub(super) fn names<'n>(header: impl Iterator<Item = &'n str>) -> Vec<Arc<str>> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let name = |(index, text): (usize, &str)| {
        let name = text.trim().trim_start_matches('\u{feff}').to_lowercase();
        if name.is_empty() {
            return Arc::from(format!("#{}", index + 1));
        }
        let count = seen.entry(name.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { Arc::from(name) } else { Arc::from(format!("{name}#{count}")) }
    };
    header.enumerate().map(name).collect()
}
