//! SMART drafts with their versions, sources, remarks and signatures.

use domain::proposal::LinkKind;
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use crate::store::entity::{draft, draft_source};

/// The drafts that a proposal feeds, with the kind of link, oldest first.
///
/// # Errors
/// The database failed.
pub async fn fed_by(db: &impl ConnectionTrait, proposal_id: i64) -> Result<Vec<(draft::Model, LinkKind)>, DbErr> {
    let links = draft_source::Entity::find().filter(draft_source::Column::ProposalId.eq(proposal_id)).all(db).await?;
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let drafts =
        draft::Entity::find().filter(draft::Column::Id.is_in(links.iter().map(|link| link.draft_id))).all(db).await?;
    Ok(drafts
        .into_iter()
        .filter_map(|draft| {
            links.iter().find(|link| link.draft_id == draft.id).map(|link| link.link.0).map(|link| (draft, link))
        })
        .collect())
}
