//! What the demonstration must know of a database before it touches it.

use domain::consultation::ConsultationState;
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use crate::store::{
    WriteTx,
    entity::{account, consultation},
};

/// Whose database this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's: it holds nothing.
    Empty,
    /// A demonstration that was not loaded to its end.
    Unfinished,
    /// A demonstration.
    Demo,
    /// Somebody works with it.
    Real,
}

/// Looks whose database this is.
///
/// # Errors
/// The database failed.
pub async fn owner(db: &impl ConnectionTrait) -> Result<Owner, DbErr> {
    let consultations = consultation::Entity::find().all(db).await?;
    if consultations.iter().any(|row| !row.demo) {
        return Ok(Owner::Real);
    }
    if consultations.iter().any(|row| row.state.0 == ConsultationState::Draft) {
        return Ok(Owner::Unfinished);
    }
    if !consultations.is_empty() {
        return Ok(Owner::Demo);
    }
    // accounts alone are an installation that is being set up
    Ok(if account::Entity::find().count(db).await? == 0 { Owner::Empty } else { Owner::Real })
}

/// Opens the demonstration's consultation: the last thing its loading does.
///
/// # Errors
/// The database failed.
pub async fn open(tx: &WriteTx, consultation_id: i64) -> Result<(), DbErr> {
    consultation::Entity::update_many()
        .col_expr(consultation::Column::State, ConsultationState::Open.as_str().into())
        .filter(consultation::Column::Id.eq(consultation_id))
        .exec(tx)
        .await?;
    Ok(())
}
