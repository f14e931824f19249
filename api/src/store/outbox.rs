//! The outbox: mail is written in the transaction of the fact it tells.

use chrono::{DateTime, Utc};
use domain::vocabulary::Language;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait as _};

use crate::{
    mail::Message,
    store::{WriteTx, column::Code, entity::outbox},
};

/// Puts a mail in line; it is sent after the transaction has committed, or never.
///
/// # Errors
/// The database failed.
pub async fn enqueue(
    tx: &WriteTx,
    recipient: &str,
    language: Language,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    outbox::Entity::insert(outbox::ActiveModel {
        kind: Set(Code(message.kind())),
        language: Set(Code(language)),
        attempts: Set(0),
        created_at: Set(now),
        next_attempt_at: Set(Some(now)),
        sent_at: Set(None),
        last_error: Set(None),
        recipient: Set(recipient.to_owned()),
        payload: Set(serde_json::to_value(message).map_err(|error| DbErr::Json(error.to_string()))?),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}
