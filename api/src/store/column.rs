//! Two wrappers that let a column hold a domain type: [`Code`] for closed vocabularies, [`Doc`] for documents.

use std::{fmt::Display, str::FromStr};

use sea_orm::{
    ColIdx, ColumnType, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr},
};
use serde::{Serialize, de::DeserializeOwned};

/// A closed vocabulary, stored as its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code<T>(pub T);

impl<T: Display> From<Code<T>> for Value {
    fn from(code: Code<T>) -> Self {
        code.0.to_string().into()
    }
}

impl<T: FromStr> ValueType for Code<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value)?.parse().map(Self).map_err(|_| ValueTypeErr)
    }
    fn type_name() -> String {
        "Code".into()
    }
    fn array_type() -> ArrayType {
        ArrayType::String
    }
    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<T> Nullable for Code<T> {
    fn null() -> Value {
        String::null()
    }
}

impl<T: FromStr> TryGetable for Code<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        text.parse().map(Self).map_err(|_| DbErr::Type(format!("unknown code {text:?}")).into())
    }
}

impl<T> TryFromU64 for Code<T> {
    /// A code is never an auto-increment key; the ORM asks of every part of a key.
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Code"))
    }
}

/// A document, stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc<T>(pub T);

impl<T: Serialize> From<Doc<T>> for Value {
    fn from(doc: Doc<T>) -> Self {
        // Our documents are maps with string keys, lists and numbers: all of them have a JSON form.
        Self::Json(Some(Box::new(serde_json::to_value(doc.0).unwrap_or_default())))
    }
}

impl<T: DeserializeOwned> ValueType for Doc<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let json = <serde_json::Value as ValueType>::try_from(value)?;
        serde_json::from_value(json).map(Self).map_err(|_| ValueTypeErr)
    }
    fn type_name() -> String {
        "Doc".into()
    }
    fn array_type() -> ArrayType {
        ArrayType::Json
    }
    fn column_type() -> ColumnType {
        ColumnType::JsonBinary
    }
}

impl<T> Nullable for Doc<T> {
    fn null() -> Value {
        serde_json::Value::null()
    }
}

impl<T: DeserializeOwned> TryGetable for Doc<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let json = serde_json::Value::try_get_by(row, index)?;
        serde_json::from_value(json).map(Self).map_err(|error| DbErr::Type(error.to_string()).into())
    }
}
