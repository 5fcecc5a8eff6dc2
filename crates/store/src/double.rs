//! [`Double`]: a double or null, as a parameter.
//!
//! sqlx 0.9 sends a null `Option<f64>` to PostgreSQL as a `real`. The statement is then prepared for four bytes, and the
//! next value of eight is refused ("incorrect binary data format"). A null `Option<f32>` it sends as a `double precision`.

use sqlx::any::{Any, AnyTypeInfo};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Encode, Type};

/// Bind this instead of an `Option<f64>`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Double(pub(crate) Option<f64>);

impl Type<Any> for Double {
    fn type_info() -> AnyTypeInfo {
        <f64 as Type<Any>>::type_info()
    }
}

impl Encode<'_, Any> for Double {
    fn encode_by_ref(&self, buffer: &mut <Any as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            Some(number) => <f64 as Encode<'_, Any>>::encode_by_ref(&number, buffer),
            None => <Option<f32> as Encode<'_, Any>>::encode_by_ref(&None, buffer),
        }
    }
}
