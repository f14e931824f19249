//! A text in several languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text by language code (`ar`, `fr`, ...). Adding a language adds a key, never a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"ar": "التمكين الاقتصادي", "fr": "Autonomisation économique"}))]
pub struct Localised(pub BTreeMap<String, String>);
