//! What an import needs to know of what is there already.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use crate::store::entity::proposal;

/// The proposals of a consultation that came in under these external ids.
///
/// # Errors
/// The database failed.
pub async fn existing<'a>(
    db: &impl ConnectionTrait,
    consultation_id: i64,
    external_ids: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, proposal::Model>, DbErr> {
    let ids: Vec<_> = external_ids.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = proposal::Entity::find()
        .filter(proposal::Column::ConsultationId.eq(consultation_id))
        .filter(proposal::Column::ExternalId.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|row| row.external_id.clone().map(|id| (id, row))).collect())
}
