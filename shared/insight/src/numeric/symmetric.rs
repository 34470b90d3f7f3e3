//! Small symmetric matrices.

/// A symmetric matrix of a few rows, such as the second derivatives of a likelihood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

/// Pivots below this share of the largest diagonal element count as zero: what is left of them is rounding.
const SMALLEST_PIVOT: f64 = 1e-13;

impl Symmetric {
    /// A matrix of zeros with this many rows.
    pub(crate) fn zero(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * size] }
    }

    /// The element in a row and column.
    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    /// Adds to an element, and to the one that mirrors it.
    pub(crate) fn add(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.size + column] += value;
        if row != column {
            self.cells[column * self.size + row] += value;
        }
    }

    /// Adds `weight * vector * vectorᵀ`.
    pub(crate) fn add_outer(&mut self, vector: &[f64], weight: f64) {
        for row in 0..self.size {
            for column in 0..self.size {
                self.cells[row * self.size + column] += weight * vector[row] * vector[column];
            }
        }
    }

    /// The solution `v` of `self * v = right`, by Cholesky's decomposition. Nothing if the matrix is not positive definite.
    pub(crate) fn solve(&self, right: &[f64]) -> Option<Vec<f64>> {
        let lower = self.cholesky()?;
        let n = self.size;
        let mut solution = right.to_vec();
        for row in 0..n {
            for column in 0..row {
                solution[row] -= lower[row * n + column] * solution[column];
            }
            solution[row] /= lower[row * n + row];
        }
        for row in (0..n).rev() {
            for column in row + 1..n {
                solution[row] -= lower[column * n + row] * solution[column];
            }
            solution[row] /= lower[row * n + row];
        }
        Some(solution)
    }

    /// The inverse: the covariance of estimates, if this is the second derivative of a negative log-likelihood. Nothing if the
    /// matrix is not positive definite.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let mut inverse = Self::zero(self.size);
        for column in 0..self.size {
            let mut unit = vec![0.0; self.size];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit)?.into_iter().enumerate() {
                inverse.cells[row * self.size + column] = value;
            }
        }
        Some(inverse)
    }

    /// `vectorᵀ * self * vector`: the variance of a combination, if this is a covariance.
    pub(crate) fn quadratic_form(&self, vector: &[f64]) -> f64 {
        (0..self.size)
            .flat_map(|row| (0..self.size).map(move |column| (row, column)))
            .map(|(row, column)| vector[row] * self.at(row, column) * vector[column])
            .sum()
    }

    /// The lower triangle `L` with `L * Lᵀ = self`, row by row.
    fn cholesky(&self) -> Option<Vec<f64>> {
        let n = self.size;
        let largest = (0..n).map(|row| self.at(row, row)).fold(0.0, f64::max);
        let mut lower = vec![0.0; n * n];
        for row in 0..n {
            for column in 0..=row {
                let known: f64 = (0..column).map(|k| lower[row * n + k] * lower[column * n + k]).sum();
                let rest = self.at(row, column) - known;
                if row == column {
                    // Written so that it refuses what is not a number, too.
                    if !(rest > largest * SMALLEST_PIVOT && rest.is_finite()) {
                        return None;
                    }
                    lower[row * n + row] = rest.sqrt();
                } else {
                    lower[row * n + column] = rest / lower[column * n + column];
                }
            }
        }
        Some(lower)
    }
}

#[cfg(test)]
#[path = "symmetric_tests.rs"]
mod tests;
