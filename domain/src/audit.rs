//! The audit log: what of the committee's doings is written down for good, and when it is worth an alarm.

use chrono::TimeDelta;

use crate::{consultation::ConsultationEdge, draft::DraftEdge, proposal::Edge};

codes! {
    /// Something that somebody with an account did, or read about people.
    AuditAction {
        /// Signed in, or tried to.
        SignIn = "sign_in",
        /// Signed out.
        SignOut = "sign_out",
        /// Chose a password by invitation.
        AcceptInvitation = "accept_invitation",
        /// Gave a code of one's second factor, or tried to.
        PresentCode = "present_code",
        /// Put a second factor in force.
        SetUpSecondFactor = "set_up_second_factor",
        /// Made new recovery codes.
        RenewRecoveryCodes = "renew_recovery_codes",
        /// Ended one's sessions elsewhere.
        EndSessions = "end_sessions",
        /// Changed one's own password.
        ChangePassword = "change_password",
        /// Was turned away: the role or its assignment does not allow it.
        BeTurnedAway = "be_turned_away",
        /// Opened a proposal at the desk, with what its author said about themselves.
        OpenProposal = "open_proposal",
        /// Looked at one of its photos.
        OpenAttachment = "open_attachment",
        /// Asked the author something.
        RequestClarification = "request_clarification",
        /// Kept a proposal.
        Retain = "retain",
        /// Joined it to another.
        Merge = "merge",
        /// Sent it on.
        Redirect = "redirect",
        /// Did not keep it.
        Refuse = "refuse",
        /// Asked for its text to be sealed.
        RequestWithhold = "request_withhold",
        /// Sealed it, as the second person.
        Withhold = "withhold",
        /// Took that request back, or turned it down.
        CancelWithhold = "cancel_withhold",
        /// Took another look.
        Reopen = "reopen",
        /// Noted what is striking about it.
        SetRemarks = "set_remarks",
        /// Said that a proposal came from a person after all.
        ClearSuspicion = "clear_suspicion",
        /// Left a note for colleagues.
        AddNote = "add_note",
        /// Gave it to a colleague, or to everybody.
        Assign = "assign",
        /// Began a SMART draft.
        CreateDraft = "create_draft",
        /// Saved its text.
        EditDraft = "edit_draft",
        /// Changed the proposals it is made from.
        EditDraftSources = "edit_draft_sources",
        /// Remarked on one of its fields.
        RemarkDraft = "remark_draft",
        /// Put it up for review.
        SubmitDraft = "submit_draft",
        /// Sent it back for another revision.
        RequestDraftChanges = "request_draft_changes",
        /// Signed it.
        SignDraft = "sign_draft",
        /// Recorded its adoption.
        AdoptDraft = "adopt_draft",
        /// Set it aside.
        SetDraftAside = "set_draft_aside",
        /// Took the file of proposals away.
        ExportProposals = "export_proposals",
        /// Took the file of a dataset away.
        ExportDataset = "export_dataset",
        /// Had the file of a dataset prepared.
        PrepareExport = "prepare_export",
        /// Took a file of counts away.
        ExportCounts = "export_counts",
        /// Published an edition of the counts.
        PublishEdition = "publish_edition",
        /// Asked for an export that two others must approve.
        RequestExport = "request_export",
        /// Signed such a request.
        SignExport = "sign_export",
        /// Sent a file of proposals.
        CreateImport = "create_import",
        /// Looked at its first rows.
        OpenImport = "open_import",
        /// Said which of its columns is which.
        EditImportMapping = "edit_import_mapping",
        /// Had its rows taken in.
        StartImport = "start_import",
        /// Took the list of its mistakes away.
        ExportImportReport = "export_import_report",
        /// Had it forgotten.
        DeleteImport = "delete_import",
        /// Read the names and addresses of colleagues.
        ListAccounts = "list_accounts",
        /// Made an account.
        CreateAccount = "create_account",
        /// Changed an account.
        EditAccount = "edit_account",
        /// Invited somebody to choose a password, the first or another.
        InviteAccount = "invite_account",
        /// Took an invitation back.
        RevokeInvitation = "revoke_invitation",
        /// Forgot the second factor of somebody who lost it.
        ResetSecondFactor = "reset_second_factor",
        /// Prepared a consultation.
        CreateConsultation = "create_consultation",
        /// Changed its settings.
        EditConsultation = "edit_consultation",
        /// Opened it.
        OpenConsultation = "open_consultation",
        /// Closed it.
        CloseConsultation = "close_consultation",
        /// Published it.
        PublishConsultation = "publish_consultation",
        /// Archived it.
        ArchiveConsultation = "archive_consultation",
        /// Read about so many people in so short a time that the coordinators were told.
        MassRead = "mass_read",
    }
}

codes! {
    /// What something was done to.
    AuditObject {
        /// A proposal, by its reference.
        Proposal = "proposal",
        /// A SMART draft, by its number.
        Draft = "draft",
        /// A consultation, by its slug.
        Consultation = "consultation",
        /// A file of a consultation, by the consultation's slug.
        Export = "export",
        /// An edition, by the consultation's slug and its number.
        Edition = "edition",
        /// A request for an export, by its number.
        ExportApproval = "export_approval",
        /// A file of proposals, by its number.
        Import = "import",
        /// An account, by its number; of all of them, `all`; of none, `unknown`.
        Account = "account",
        /// An operation of the API, by its route.
        Operation = "operation",
    }
}

codes! {
    /// How it ended.
    AuditOutcome {
        /// It was done.
        Done = "done",
        /// It was not.
        Refused = "refused",
    }
}

impl AuditAction {
    /// The actions that show personal data to whoever takes them.
    pub const READS: [Self; 3] = [Self::OpenProposal, Self::ExportProposals, Self::ListAccounts];

    /// What a step of the moderation workflow is called here; `None` for those that no account takes by itself.
    #[must_use]
    pub const fn of_step(edge: Edge) -> Option<Self> {
        Some(match edge {
            Edge::RequestClarification => Self::RequestClarification,
            Edge::Retain => Self::Retain,
            Edge::Merge => Self::Merge,
            Edge::Redirect => Self::Redirect,
            Edge::Refuse => Self::Refuse,
            Edge::RequestWithhold => Self::RequestWithhold,
            Edge::Withhold => Self::Withhold,
            Edge::CancelWithhold => Self::CancelWithhold,
            Edge::Reopen => Self::Reopen,
            _ => return None,
        })
    }
}

impl From<DraftEdge> for AuditAction {
    fn from(edge: DraftEdge) -> Self {
        match edge {
            DraftEdge::SubmitForReview => Self::SubmitDraft,
            DraftEdge::RequestChanges => Self::RequestDraftChanges,
            DraftEdge::Ratify => Self::SignDraft,
            DraftEdge::Adopt => Self::AdoptDraft,
            DraftEdge::SetAside => Self::SetDraftAside,
        }
    }
}

impl From<ConsultationEdge> for AuditAction {
    fn from(edge: ConsultationEdge) -> Self {
        match edge {
            ConsultationEdge::Open => Self::OpenConsultation,
            ConsultationEdge::Close => Self::CloseConsultation,
            ConsultationEdge::Publish => Self::PublishConsultation,
            ConsultationEdge::Archive => Self::ArchiveConsultation,
        }
    }
}

/// So many reads of personal data by one account within [`MASS_READ_WITHIN`] are told to the coordinators.
pub const MASS_READ: u64 = 100;
/// The time in which they are counted.
pub const MASS_READ_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// The coordinators are told of one account once in this time.
pub const MASS_READ_REST: TimeDelta = TimeDelta::hours(1);
