//! Rows of CSV that are safe to open in a spreadsheet: a cell that would be taken for a formula begins with an apostrophe, which
//! makes it text.

/// The characters that formulas begin with, as OWASP lists them under "CSV injection".
const FORMULA_START: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// One row of CSV with its line break.
pub(crate) fn row<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// A cell: quoted where it has to be, and never a formula.
pub(crate) fn cell(text: &str) -> String {
    let text = if text.starts_with(FORMULA_START) { format!("'{text}") } else { text.to_owned() };
    let quoted = text.contains([',', '"', '\n', '\r']);
    if quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The text of a cell that [`row`] wrote.
pub(crate) fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| text.starts_with(FORMULA_START)).unwrap_or(cell)
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
