//! Wrong rules that the model follows on purpose: each is an attack of the threats' page or a slip that is easily made,
//! and the comparison must notice every one.

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault { $($(#[doc = $doc])* $name,)+ }

        impl Fault {
            pub(crate) const ALL: &[Fault] = &[$(Fault::$name),+];
        }
    };
}

faults! {
    /// A column of a superseded attempt pays.
    SupersededColumnsPay,
    /// F1: dust is not carried.
    CarriedIsLost,
    /// The first epoch is opened by whoever likes: it fixes who shares in the exit.
    StrangersOpen,
    /// The first deposit opens the first epoch.
    DepositsOpen,
    /// F4: whatever epoch a deposit names, the open one takes it.
    DepositGoesToTheOpenEpoch,
    /// F4: an epoch closes with any pool.
    DustCloses,
    /// A dataset that is enrolled before the next epoch opens raises its minimum without bound.
    MinimumsGrowAtWill,
    /// F4: a deposit does not say whose terms it expects.
    DepositTakesAnyTerms,
    /// The pool reaches its minimum with every deposit anew: a stranger holds the window open with one unit.
    EveryDepositRestartsTheWindow,
    /// F2: strangers never close.
    OnlyTheDeveloperCloses,
    /// Strangers close at once.
    AnyoneClosesAtOnce,
    /// F2: only the developer settles.
    OnlyTheDeveloperSettles,
    /// An epoch closes while the one before waits.
    TwoEpochsWait,
    /// A new attempt is posted whenever the attributor likes.
    AttemptsAtAnyTime,
    /// F2: a new attempt restarts the clock of the exit.
    AttemptsRestartTheExit,
    /// A superseded attempt's moves count in the next.
    MovesOutliveTheirAttempt,
    /// The sum of the scores is not compared with the total.
    ScoreSumUnchecked,
    /// More dust than one unit a record is fine.
    DustUnbounded,
    /// S7: a segment moves with the records that its dataset has now.
    RecordsOfTheNewestRevision,
    /// A segment moves though its payees are not proven for the revision.
    PayeesUnproven,
    /// Scores may be posted under a revision that was registered in the same block.
    RevisionOfTheSameBlock,
    /// Beneficiaries are paid at close.
    SharesBeforeFinal,
    /// A share is rounded up.
    SharesRoundUp,
    /// A claim pays all again.
    ClaimPaysAllAgain,
    /// A claim pays the account, whatever recipient it set.
    RecipientIgnored,
    /// A credit is withdrawn by its owner only.
    CreditsWaitForTheirOwner,
    /// A policy holds from its announcement.
    PolicyAtOnce,
    /// A new attributor is in charge of the open epoch at once.
    AttributorAtOnce,
    /// A retired dataset's segments can't move.
    RetirementStopsMoves,
    /// While a demand is overdue, everything goes on.
    OverdueDemandsStopNothing,
    /// While a demand is overdue no share is paid, however old its epoch is.
    OverdueDemandsHoldShares,
    /// A record's path leads to the root that its segment has now, or shows nothing.
    ExtensionsSpoilPaths,
    /// A demand's bond goes to the developer.
    BondToTheDeveloper,
    /// Late enrolments share in the exit.
    LateEnrolmentsExit,
    /// An exit is shared by the records that there are now.
    ExitByNewestRecords,
    /// A model can be dissolved one second early.
    ExitOneSecondEarly,
    /// A dissolved model takes deposits.
    DissolvedTakesDeposits,
    /// What is final can't be claimed after the end.
    EndStopsClaims,
}
