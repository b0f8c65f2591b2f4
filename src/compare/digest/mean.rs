//! A mean of what comes one by one.

/// Sum and count. What is not finite is left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    pub(super) fn take(&mut self, value: f64) {
        if value.is_finite() {
            self.sum += value;
            self.count += 1;
        }
    }

    pub(super) fn extend(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.take(value);
        }
    }

    /// `None` of nothing.
    pub(super) fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }
}
