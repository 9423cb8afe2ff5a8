//! What every error of the contracts means, and what to do about it: the one table of both. A test holds it to the ABIs.

/// An error's name, what it means, and what to do.
pub(crate) type Remedy = (&'static str, &'static str, &'static str);

/// The entry of an error.
pub(crate) fn of(name: &str) -> Option<&'static Remedy> {
    TABLE.iter().find(|(of, ..)| *of == name)
}

macro_rules! table {
    ($($name:ident: $meaning:literal => $remedy:literal;)+) => {
        /// By name, in order.
        pub(crate) const TABLE: &[Remedy] = &[$((stringify!($name), $meaning, $remedy)),+];
    };
}

table! {
    AlreadyAnswered: "the chain has this slot's opening as of that epoch from an earlier answer"
        => "claim with the receipt that was the answer, or demand again once the segment moved in a later epoch";
    AlreadyDemanded: "a demand for this slot is open" => "wait for its answer or its deadline: `apportion ledger status --rpc`";
    AlreadyEnrolled: "the model has the dataset in this revision or a younger one"
        => "there is nothing to do; `dataset extend`, `send extend` and `ledger enroll` make a younger revision";
    AlreadyOpen: "the first epoch is open already" => "every later epoch opens by itself: go on with `send deposit`";
    AlreadyRegistered: "the registry has the dataset already" => "go on with `send provePayees`";
    AlreadyRetired: "the dataset's retirement is announced already" => "there is nothing to do";
    AnnouncedTooEarly: "the attributor was announced before the open epoch's scores were late"
        => "announce the attributor again (`send announceAttributor`), and replace after the notice window";
    BondAlreadyReturned: "the bond of this demand went back already" => "there is nothing to do";
    BondTooLarge: "the demand bond is above the ledger's bound" => "give `createModel` a smaller --demand-bond";
    Committed: "the attributor has committed scores for this epoch, so it is not replaced"
        => "close the epoch with these scores; an announced attributor comes with a later epoch";
    CountNotShown: "the path of the first empty slot does not lead to the last segment's root"
        => "the files are damaged or of another dataset: take the dataset's public/ from its owner again";
    DemandOverdue: "a demand was not answered in time: until then nothing closes and no beneficiary is paid"
        => "answer it with a receipt: `apportion ledger status --rpc` says which, `send answer` sends it";
    DustTooLarge: "the payouts leave more of the pool than division can"
        => "the proofs are not of this pool: `ledger undo epoch`, then `prove --rpc`";
    ERC20InsufficientAllowance: "the ledger may not move so much" => "send the token's approval before the deposit: `send deposit` does both";
    ERC20InsufficientBalance: "the account has fewer tokens than that" => "move tokens to the account, or deposit less";
    ERC20InvalidApprover: "the token refuses who approves" => "send from an account of your own";
    ERC20InvalidReceiver: "the token refuses who is paid" => "name another recipient: `send setRecipient`";
    ERC20InvalidSender: "the token refuses who pays" => "send from an account of your own";
    ERC20InvalidSpender: "the token refuses the ledger as a spender" => "check that the ledger's files name the right contract";
    EpochPending: "the epoch before is not final yet" => "settle that one first: `send settle`";
    ExceedsOwed: "the model owes less than that"
        => "the receipts are of other files than the chain's: audit with `apportion-verify ledger --rpc`";
    ExtensionNotShown: "the extension's path leads to another root than the registered one"
        => "the chain has another revision than the files before it: send the earlier `extend` first, or take the owner's files again";
    InputNotCanonical: "a public input of the proof is no field element" => "the files are damaged: prove again";
    InsufficientGas: "a transfer would be left with too little gas" => "send fewer accounts at once with --batch, or more gas";
    Invalid: "a proof or opening does not hold for what the chain has"
        => "files and chain differ: `apportion-verify ledger --rpc` says where; receipts are made again with `apportion receipt`";
    InvalidAccount: "this account cannot have the role or be paid" => "give another address: not zero, and not the contract's own";
    InvalidBeneficiary: "the policy has no beneficiary at this place" => "give --account of a beneficiary of that epoch's policy";
    InvalidCommitment: "the scores list no segment, or have a total of 0" => "commit scores of which some are not 0";
    InvalidIndex: "the segment has no account in this slot" => "check the record: `apportion dataset receipt` makes its file again";
    InvalidMinPool: "the least pool is 0 or above 2^56 units a record" => "give `createModel` another --min-pool";
    InvalidName: "the model's name is empty, too long or not printable" => "make the ledger again with another --model";
    InvalidPoint: "a commitment or opening is no point of the curve" => "the file is damaged: make the receipt or proof again";
    InvalidPolicy: "the shares do not sum to 10000, one is 0, or contributors get less than the model's terms promise"
        => "announce another policy: `apportion ledger policy`, then `send announcePolicy`";
    InvalidProof: "a proof does not hold" => "prove again";
    InvalidRecords: "a dataset has at least one record, and less than 2^40" => "commit the dataset again";
    InvalidRevision: "the scores list a revision that the segment does not have, or had no longer"
        => "commit scores under the newest revision: `scores commit`, then `send commitScores`";
    InvalidRoot: "a root is no field element, or 0" => "the files are damaged: take the dataset's public/ from its owner again";
    InvalidScalar: "a number is not below the field's modulus" => "the file is damaged: make the receipt again";
    InvalidSlot: "there is no such slot in a segment of this size" => "the file is of another tier: make the receipt again";
    InvalidSlots: "a verifier is listed twice, out of order or for no tier" => "deploy with tiers 64, 1024 or 16384, each once";
    InvalidWindow: "a window is shorter than an hour, longer than a year, or too short beside the others"
        => "give `createModel` a notice window of at least the open one, and an exit window of at least open, notice and settle together";
    MalformedAnswer: "a verifier answered something else than verifiers do" => "the deployment is not one of `apportion deploy`: deploy again";
    MalformedCalldata: "the verifier was called with other bytes than it takes" => "the file is damaged: make the receipt or proof again";
    MinPoolOverflow: "the least pool a record, times the records, is beyond all revenue"
        => "give `createModel` a smaller --min-pool, or enrol fewer records";
    ModelDissolved: "the model is dissolved: it takes nothing any more" => "take what is left: `send exit`, `send claim`, `send withdrawShare`";
    ModelExists: "this developer has a model of this name" => "make a ledger with another --model, or go on with the one that exists";
    NoSuchDemand: "no demand for this slot is open" => "it was answered, or never sent: `apportion ledger status --rpc` lists the open ones";
    NotAttributor: "the sender is not the attributor of this epoch"
        => "send with the attributor's key; `apportion ledger status --rpc` says who it is";
    NotCanonical: "a number of a record's path is no field element" => "the file is damaged: `apportion dataset receipt` makes it again";
    NotCommitted: "the epoch has no scores yet" => "the attributor commits them first: `send commitScores`";
    NotDeveloper: "the sender is not the model's developer" => "send with the developer's key; `apportion ledger status --rpc` says who it is";
    NotDissolved: "the model is not dissolved" => "records exit only then: claim with receipts, or `send dissolve` once it stalled";
    NotEnrolled: "the dataset is not enrolled in the model" => "the developer enrols it: `send enroll`";
    NotFinal: "the epoch is not final yet" => "settle it first: `send settle`";
    NotInExit: "the segment has no part: it moved not in the last final epoch, or was enrolled after the first epoch opened"
        => "leave its records out of the exit";
    NotInvertible: "a denominator of the proof is 0" => "prove again";
    NotOffered: "the role or dataset is not offered to the sender"
        => "who has it offers it first: `send offerDeveloper`, `offerAttributor`, `offerOwnership`";
    NotOpen: "the developer has not opened the first epoch, and nobody pays before" => "the developer opens it: `send open`";
    NotOwner: "the sender is not the dataset's owner" => "send with the owner's key";
    NotStalled: "no clock of the model has run out" => "`apportion ledger status --rpc` says from when on it can be dissolved";
    NothingAnnounced: "no other attributor is announced" => "announce one first: `send announceAttributor`";
    NothingAppended: "the extension appends no record" => "extend the dataset in the files first: `apportion dataset extend`";
    NothingDue: "nothing is due to any of these accounts" => "it was paid already, or nothing was earned: there is nothing to do";
    NothingEnrolled: "the model has no dataset on the chain" => "the developer enrols one first: `send enroll`";
    NothingReceived: "no token arrived with the deposit" => "give an amount above 0, and check that the token delivers what is sent";
    NothingSettled: "the segment has no final move: there is no balance to show" => "demand once its first epoch is final";
    NothingToAnswer: "none of these receipts shows what was demanded"
        => "make a receipt as of the demand's epoch: `apportion receipt --record --epoch`";
    NothingToCheck: "no opening was given" => "give at least one receipt";
    NothingToProve: "the list of proofs is empty" => "prove the dataset first: `apportion dataset prove`";
    NothingToSettle: "all of these segments moved already"
        => "there is nothing to do; other segments may be left: `apportion ledger status --rpc`";
    OldColumnMismatch: "a proof begins at other balances than the chain's last final ones"
        => "the files hold another history: `ledger undo epoch` until they agree, then `prove --rpc`";
    PayeesNotProven: "the segment's payees are not proven for so many records"
        => "the dataset's owner proves them: `dataset prove`, then `send provePayees`";
    PointNotOnCurve: "a point of the proof is not on the curve" => "the file is damaged: prove again";
    PoolExceeded: "the payouts are more than the pool" => "the proofs are not of this pool: `ledger undo epoch`, then `prove --rpc`";
    PoolTooSmall: "the epoch's pool is below its minimum"
        => "it takes more revenue: `send deposit`; `apportion ledger status --rpc` says how much is lacking";
    PrecompileFailed: "the chain cannot compute a pairing, or ran out of gas in it"
        => "give more gas; a chain without the precompiles of bn254 is none for these contracts";
    ProofInvalid: "a proof does not hold for what the chain has"
        => "files and chain differ, or the deployment is of another setup: `ledger status --rpc` and `apportion-verify ledger --rpc` say where";
    ProofRejected: "a verifier refuses a proof" => "see its own reason";
    RecordNotShown: "the record's path does not lead to a registered root"
        => "the file is of another dataset, or of a revision that is not registered: `send extend` first, or make it again with `dataset receipt`";
    ReentrancyGuardReentrantCall: "the token or a recipient calls back into the ledger" => "use another token, or another recipient";
    RegistryWithoutCode: "there is no registry at the given address" => "deploy with `apportion deploy`, which creates the registry first";
    RevenueLimit: "all revenue of a model's life stays below 2^127" => "deposit less: check the token's base units";
    SafeERC20FailedOperation: "the token refused the transfer"
        => "check the sender's tokens and approval, and whether the token blocks an account";
    ScalarNotCanonical: "a scalar of the proof is not below the modulus" => "the file is damaged: prove again";
    ScoreNotShown: "the segment's score does not lead to the committed root"
        => "the files hold other scores than the chain: `ledger undo epoch`, then `prove --rpc` with the committed ones";
    ScoreSumExceeded: "the segments' scores sum to more than the committed total"
        => "the attributor commits right scores in another attempt: `send commitScores`";
    ScoreSumMismatch: "the segments' scores sum to less than the committed total"
        => "the attributor commits right scores in another attempt: `send commitScores`";
    SetupMismatch: "the verifiers are of two setups" => "deploy with verifiers of one setup: contracts/script/build_generated.sh makes them";
    TokenWithoutCode: "there is no token at the given address on this chain" => "check --token and the chain";
    TooEarly: "it is too early for that" => "wait until the deadline, in seconds since 1970: `apportion ledger status --rpc` says it in hours";
    TooManyBeneficiaries: "the policy has more beneficiaries than the contract takes" => "announce a policy with fewer";
    TooYoung: "the scores list what was enrolled or registered in their own block or later"
        => "the attributor sends the same `commitScores` again";
    TransferFailed: "the transfer to this account fails" => "its owner names another recipient: `send setRecipient`";
    UnknownBalanceColumn: "the segment has no such balances in that epoch" => "make the receipt again, of files that are the chain's";
    UnknownDataset: "the registry does not know the dataset"
        => "its owner registers it first: `send register`; or it was committed for another registry";
    UnknownModel: "the ledger has no such model"
        => "its developer creates it first: `send createModel`; or the files are bound to another contract";
    UnknownPayeeColumn: "the payee column was never proven in the registry" => "the dataset's owner proves it: `send provePayees`";
    UnknownRevision: "the registry has no such revision" => "the owner sends it: `send extend`";
    UnknownSegment: "the dataset has no such segment in that revision" => "the owner sends the revision that has it: `send extend`";
    UnknownSlots: "there is no tier of so many slots" => "the file is damaged: make the receipt again";
    UnsupportedSlots: "the deployment has no verifier of this tier"
        => "commit the dataset with a tier that it has (`dataset commit --addresses` names them), or deploy one more";
    VerifierMismatch: "a verifier is for another relation or tier than the deployment says" => "deploy again with `apportion deploy`";
    VerifierWithoutCode: "there is no verifier at the given address" => "deploy again with `apportion deploy`";
    WrongAttributor: "another attributor scores the epoch than the one you named"
        => "look who it is (`apportion ledger status --rpc`), and deposit again if you agree";
    WrongBond: "the bond is another one than the model's terms say" => "leave --bond out: `send demand` asks the chain for it";
    WrongEpoch: "another epoch is meant on the chain" => "give the expected one with --epoch";
    WrongPathLength: "a record's path is of another length than its slot's" => "the file is damaged or of another tier: make it again";
    WrongPolicy: "another policy splits the epoch than the one you named"
        => "look at it, and deposit with --policy of the expected one if you agree";
    WrongRevision: "the registry's newest revision is another one" => "send the revisions in order: `send extend` without --revision";
    WrongRootCount: "the extension gives another number of roots than it changes"
        => "the files are damaged: take the dataset's public/ from its owner again";
    WrongScoreRoot: "the epoch has other scores than those named"
        => "close with the committed ones, or let the attributor commit these: `send commitScores`";
    WrongStage: "the epoch is in another stage than this takes (1 open, 2 closed, 3 final)"
        => "`apportion ledger status --rpc` says where it stands and what is due";
    ZeroScore: "a listed segment has a score of 0" => "the attributor commits scores without it";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use std::{collections::BTreeSet, fs, path::Path};

    use serde_json::Value;

    use super::{TABLE, of};

    /// Every error of every compiled contract but those that exist for tests alone.
    #[test]
    fn every_error_of_the_abis_has_an_entry() {
        let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
        let mut named = BTreeSet::new();
        for dir in ["artifacts", "generated"] {
            for entry in fs::read_dir(contracts.join(dir)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                let is_json = path.extension().is_some_and(|extension| extension == "json");
                if !is_json || name == "BlocklistToken" {
                    continue;
                }
                let artifact: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                let abi = artifact["abi"].as_array().unwrap();
                let errors = abi.iter().filter(|entry| entry["type"] == "error");
                named.extend(errors.map(|entry| entry["name"].as_str().unwrap().to_owned()));
            }
        }
        assert!(named.len() > 90, "{}", named.len());
        let missing: Vec<_> = named.iter().filter(|name| of(name).is_none()).collect();
        assert!(missing.is_empty(), "no sentence and remedy for {missing:?}");
        let unknown: Vec<_> = TABLE.iter().map(|(name, ..)| *name).filter(|n| !named.contains(*n)).collect();
        assert!(unknown.is_empty(), "no contract has {unknown:?}");
    }

    #[test]
    fn entries_are_sentences_in_order() {
        let names: Vec<_> = TABLE.iter().map(|(name, ..)| *name).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        for (name, meaning, remedy) in TABLE {
            for text in [meaning, remedy] {
                assert!(text.len() > 10 && !text.ends_with('.'), "{name}: {text}");
            }
        }
    }
}
