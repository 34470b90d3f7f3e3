//! Values that are made once and shared: one of each type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by their type. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct MadeOnce(Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>>);

impl MadeOnce {
    /// Returns a clone of the value of this type, which `make` makes if there is none yet.
    ///
    /// # Errors
    /// `make` failed.
    pub(crate) fn get_or_make<T, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, E>
    where
        T: Clone + Send + Sync + 'static,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        let value = make()?;
        self.put(value.clone());
        Ok(value)
    }

    /// Keeps a value in the place of another of its type.
    pub(crate) fn put<T: Send + Sync + 'static>(&self, value: T) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.insert(TypeId::of::<T>(), Box::new(value));
    }

    fn get<T: Clone + 'static>(&self) -> Option<T> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.get(&TypeId::of::<T>())?.downcast_ref::<T>().cloned()
    }
}

impl std::fmt::Debug for MadeOnce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MadeOnce")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn a_value_is_made_once_for_each_type_and_a_failure_makes_nothing() {
        let made = MadeOnce::default();
        let clone = made.clone();
        assert_eq!(made.get_or_make(|| Err::<u8, _>("no")), Err("no"));
        assert_eq!(made.get_or_make(|| Ok::<_, Infallible>(1_u8)), Ok(1));
        assert_eq!(clone.get_or_make(|| Ok::<_, Infallible>(2_u8)), Ok(1), "clones share it");
        assert_eq!(made.get_or_make(|| Ok::<_, Infallible>(3_u16)), Ok(3));
        made.put(4_u8);
        assert_eq!(made.get_or_make(|| Ok::<_, Infallible>(5_u8)), Ok(4));
    }
}
