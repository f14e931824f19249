//! A text in several languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text by language code (`ar`, `fr`, ...). Adding a language adds a key, never a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"ar": "التمكين الاقتصادي", "fr": "Autonomisation économique"}))]
pub struct Localised(pub BTreeMap<String, String>);

impl Localised {
    /// The text in `language`, else in Arabic, else whatever there is, else nothing.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.0.get(language).or_else(|| self.0.get("ar")).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}
