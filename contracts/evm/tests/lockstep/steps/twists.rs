//! What goes wrong with every kind of call in the same way.

use alloy_primitives::{B256, Bytes};

use super::{Step, Twist};
use crate::{
    run::{Action, Call, Run},
    world::{MODELS, developer},
};

impl Step {
    /// Changes what every call of a kind has.
    pub(super) fn bend(&self, run: &Run, action: &mut Action) {
        let Action::Ledger(call, _) = action else { return };
        let seed = self.part(28, 2) as usize;
        let other_model = (self.model + 1 + seed) % MODELS;
        let other = run.model.model_id(developer(other_model), &format!("m{other_model}"));
        let model = [B256::repeat_byte(0xee), other][self.part(29, 2) as usize];
        let dataset = [B256::repeat_byte(0xdd), run.sources[self.part(30, 3) as usize].id][seed];
        let epoch = |epoch: &mut u64| {
            *epoch = if seed == 0 { *epoch + 1 } else { epoch.saturating_sub(1) };
        };
        let segment = |segment: &mut u32| *segment = [*segment ^ 1, u32::MAX][seed];
        macro_rules! models {
            ($($variant:ident),*) => {
                match call {
                    $(Call::$variant(call) if self.is(Twist::Model) => call.modelId = model,)*
                    _ => {}
                }
            };
        }
        models!(
            enroll,
            open,
            offerDeveloper,
            acceptDeveloper,
            offerAttributor,
            acceptAttributor,
            announcePolicy,
            announceAttributor,
            announceRetirement,
            replaceAttributor,
            deposit,
            commitScores,
            closeEpoch,
            settle,
            claim,
            withdrawShare,
            demand,
            answer,
            returnBond,
            dissolve,
            exit
        );
        match (call, self.twist) {
            (Call::enroll(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::announceRetirement(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::demand(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::returnBond(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::demand(call), Twist::Segment) => segment(&mut call.segment),
            (Call::returnBond(call), Twist::Segment) => segment(&mut call.segment),
            (Call::deposit(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::commitScores(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::closeEpoch(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::replaceAttributor(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::settle(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::withdrawShare(call), Twist::Epoch) => call.epochs.iter_mut().for_each(epoch),
            (Call::closeEpoch(call), Twist::Order) => call.scoreRoot = B256::repeat_byte(0x11),
            (Call::settle(call), twist) => {
                let Some(last) = call.moves.last_mut() else { return };
                match twist {
                    Twist::Dataset => last.datasetId = dataset,
                    Twist::Segment => segment(&mut last.segment),
                    Twist::Proof => last.proof = Bytes::from_static(b"nothing"),
                    Twist::Account if !last.path.is_empty() => last.path[0].0[31] ^= 1,
                    Twist::Order => last.position += self.part(27, 2) as u32,
                    _ => {}
                }
            }
            (Call::claim(call), twist) => {
                let Some(last) = call.receipts.last_mut() else { return };
                match twist {
                    Twist::Dataset => last.datasetId = dataset,
                    Twist::Segment => segment(&mut last.segment),
                    Twist::Epoch => epoch(&mut last.epoch),
                    _ => {}
                }
            }
            (Call::answer(call), twist) => {
                let Some(last) = call.receipts.last_mut() else { return };
                match twist {
                    Twist::Dataset => last.datasetId = dataset,
                    Twist::Segment => segment(&mut last.segment),
                    Twist::Epoch => epoch(&mut last.epoch),
                    _ => {}
                }
            }
            (Call::exit(call), twist) => {
                let Some(last) = call.exits.last_mut() else { return };
                match twist {
                    Twist::Dataset => last.datasetId = dataset,
                    Twist::Segment => segment(&mut last.segment),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}
