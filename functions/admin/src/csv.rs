//! Rows for spreadsheets that cannot do anything there: a cell that a spreadsheet would take for a formula begins with an
//! apostrophe, which makes it a text.

/// What formulas begin with, as OWASP lists it under "CSV injection".
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// One row of CSV, each cell harmless, with its line break.
pub(crate) fn row<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let text = if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() };
    let quoted = text.contains([',', '"', '\n', '\r']);
    if quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The text of a cell that [`row`] made harmless.
pub(crate) fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| text.starts_with(FORMULA)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_two_cells() {
        let told = row(["=1+1", "+4420", "-1", "@x", "\t=1", "a=b", "say \"hi\", now", "two\nlines", ""]);
        assert_eq!(told, "'=1+1,'+4420,'-1,'@x,'\t=1,a=b,\"say \"\"hi\"\", now\",\"two\nlines\",\r\n");
        assert_eq!((plain("'+4420"), plain("'quoted'"), plain("x")), ("+4420", "'quoted'", "x"));
    }
}
