// SPDX-License-Identifier: MIT OR Apache-2.0

import { type Call, MOST_ACCOUNTS, claimCall, demandCall, exitCall, returnBondCall } from "../chain/calls.ts";
import { readReceipt, readRecord, readStatement } from "../chain/read.ts";
import { type Provider, Trouble, askBytes, askNumber, download, nodeAt, troubleOf, validUrl } from "../chain/rpc.ts";
import { estimate, mined, send } from "../chain/send.ts";
import { type Target, bondIsBack, exitsOf, readStall } from "../chain/stalls.ts";
import { type Wallet, accountIn, connect, discover, switchChain } from "../chain/wallets.ts";
import { checkContent, checkReceipt, checkRecord, checkStatement } from "../core/check.ts";
import { type Document, MAX_BYTES, readDocument } from "../core/documents.ts";
import { pieces, sha256Stream, toHex } from "../core/hash.ts";
import { decrypt, fileName, isEncrypted, keyFromSignature, keyIn, keyText, newKey } from "../core/keys.ts";
import { Malformed } from "../core/refusal.ts";
import { type Hex, ZERO_ADDRESS, addressIn } from "../core/values.ts";
import { type HeldRecord, type Job, type JobName, type Loadable, type State, empty } from "./state.ts";

// What happens: files are taken, wallets connected, chains asked, transactions tried and sent. What it looks like is in the cards.

const MAX_RECORDS = 64;
const MAX_KEY_FILE = 4096;

export class App {
  readonly state: State = empty();
  readonly draw: () => void;
  /** Answers to questions from before the newest are dropped. */
  private generation = 0;

  constructor(draw: () => void) {
    this.draw = draw;
    discover((wallets) => {
      this.state.wallets = wallets;
      this.draw();
    });
  }

  // ------------------------------------------------------------------------------------------------ files

  async take(files: Iterable<File>): Promise<void> {
    this.state.notes = [];
    try {
      for (const file of files) {
        this.state.checking = file.name.slice(0, 80);
        this.draw();
        await this.takeOne(file);
      }
    } finally {
      this.state.checking = undefined;
      await this.refresh();
    }
  }

  private async takeOne(file: File): Promise<void> {
    const name = file.name.slice(0, 80);
    try {
      // A file that is no document may be the original of a record that is shown.
      if (!/\.(json|age|txt)$/i.test(file.name) && this.state.records.length > 0) {
        for (const record of this.state.records) await this.original(record, file);
        return;
      }
      if (file.size > MAX_BYTES) throw new Malformed("file.size");
      // A folder, or a file that is gone by now.
      const bytes = new Uint8Array(await file.arrayBuffer().catch(() => { throw new Malformed("file.unreadable"); }));
      const key = bytes.length <= MAX_KEY_FILE ? await keyIn(new TextDecoder().decode(bytes)) : undefined;
      if (key === undefined) await this.hold(readDocument(await this.unlocked(bytes)), name);
      else {
        // The one that is held may not be saved, and a stranger's in its place would be read by the stranger.
        if (this.state.key !== undefined && this.state.key.identity !== key.identity) throw new Malformed("file.otherKey");
        Object.assign(this.state, { key, keySaved: true, keyTrouble: undefined });
        this.state.notes.push({ good: true, name, why: undefined, kind: "key" });
      }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.state.notes.push({ good: false, name, why: error.why });
    }
  }

  private async hold(document: Document, name: string): Promise<void> {
    const { state } = this;
    // What the chain said, what was tried and what was accepted are of the files from before: none of it is of this one, and answers that are
    // on their way come too late.
    this.generation++;
    Object.assign(state, { jobs: {}, accepted: false, receiptView: undefined, statementView: undefined, recordViews: [], stallView: undefined });
    switch (document.kind) {
      case "receipt":
        state.receipt = { document, name, outcome: await checkReceipt(document) };
        return;
      case "statement":
        state.statement = { document, name, outcome: await checkStatement(document) };
        return;
      case "record": {
        const same = (held: HeldRecord): boolean =>
          held.document.dataset === document.dataset && held.document.segment === document.segment && held.document.index === document.index;
        state.records = [...state.records.filter((held) => !same(held)), { document, name, outcome: checkRecord(document), content: undefined }].slice(-MAX_RECORDS);
        return;
      }
      case "ledger":
        state.ledger = document;
        break;
      case "scores":
        state.scores = document;
        break;
      case "enrolment":
        state.enrolments = [...state.enrolments.filter((one) => one.model !== document.model || one.dataset !== document.dataset), document].slice(-1024);
    }
    state.notes.push({ good: true, name, why: undefined, kind: document.kind });
  }

  /** Hashes the file piece by piece: originals may be large. */
  async original(record: HeldRecord, file: File): Promise<void> {
    const digest = await sha256Stream(pieces(file));
    record.content = { name: file.name.slice(0, 80), digest, failure: checkContent(record.document, digest) };
    this.draw();
  }

  // ------------------------------------------------------------------------------------------------ encrypted receipts

  private async unlocked(bytes: Uint8Array): Promise<Uint8Array> {
    if (!isEncrypted(bytes)) return bytes;
    if (this.state.key === undefined) throw new Malformed("file.key");
    return decrypt(bytes, this.state.key);
  }

  async makeKey(): Promise<void> {
    Object.assign(this.state, { key: await newKey(), keySaved: false, keyTrouble: undefined });
    this.draw();
  }

  /** The wallet signs twice: the key can be made again only where it signs the same each time. */
  async deriveKey(): Promise<void> {
    const { connected } = this.state;
    if (connected === undefined) return;
    const { account, wallet: { provider } } = connected;
    this.state.keyTrouble = undefined;
    try {
      const text = toHex(new TextEncoder().encode(keyText(account)));
      const [first, second] = [await askBytes(provider, "personal_sign", [text, account]), await askBytes(provider, "personal_sign", [text, account])];
      if (first !== second || first.length !== 132) throw new Trouble("unsupported", "", "OtherSignature");
      this.state.key = await keyFromSignature(first, account);
      this.state.keySaved = true;
    } catch (error) {
      this.state.keyTrouble = troubleOf(error);
    }
    this.draw();
  }

  forgetKey(): void {
    Object.assign(this.state, { key: undefined, keySaved: true, keyTrouble: undefined });
    this.draw();
  }

  /** Gets one's own file from a folder of encrypted receipts: its name is known to nobody else. */
  async fetchReceipt(): Promise<void> {
    const { state } = this;
    const payee = addressIn(state.payeeText) ?? (state.payeeText === "" ? state.connected?.account : undefined);
    const folder = validUrl(state.folderText);
    const name = state.key && state.ledger && payee && fileName(state.ledger, state.key, payee);
    state.folderBad = folder === undefined || name === undefined;
    if (folder === undefined || name === undefined) {
      this.draw();
      return;
    }
    state.notes = [];
    try {
      await this.hold(readDocument(await this.unlocked(await download(`${folder.replace(/\/?$/, "/")}${name}`))), name);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      state.notes.push({ good: false, name, why: error.why });
    }
    await this.refresh();
  }

  // ------------------------------------------------------------------------------------------------ the chain

  /** The chain that the files are of. */
  get chainId(): bigint | undefined {
    const { receipt, statement, records, ledger } = this.state;
    return receipt?.document.chainId ?? statement?.document.chainId ?? ledger?.chainId ?? records[0]?.document.chainId;
  }

  /** The ledger that a demand or an exit is of: the one whose description was chosen last, else the receipt's. */
  get target(): Target | undefined {
    const { receipt, statement, ledger } = this.state;
    return ledger ?? receipt?.document ?? statement?.document;
  }

  /** The wallet, where it is on the files' chain. */
  get signer(): { readonly provider: Provider; readonly account: Hex } | undefined {
    const { connected } = this.state;
    if (connected === undefined || connected.chainId !== this.chainId) return undefined;
    return { provider: connected.wallet.provider, account: connected.account };
  }

  /** Who is asked about the chain. Where something can be signed it is the wallet, so that what is shown is of the chain that it goes to. */
  get source(): Provider | undefined {
    return this.signer?.provider ?? this.state.rpc?.provider;
  }

  async connect(wallet: Wallet): Promise<void> {
    this.state.connecting = undefined;
    try {
      const account = await connect(wallet);
      const chainId = await askNumber(wallet.provider, "eth_chainId");
      this.state.connected = { wallet, account, chainId };
      this.listen(wallet);
      this.state.heading = this.state.receipt === undefined ? undefined : "claim";
    } catch (error) {
      this.state.connecting = troubleOf(error);
    }
    this.state.jobs = {};
    await this.refresh();
  }

  private readonly heard = new Set<string>();

  private listen(wallet: Wallet): void {
    if (this.heard.has(wallet.id)) return;
    this.heard.add(wallet.id);
    const current = (): State["connected"] => (this.state.connected?.wallet.id === wallet.id ? this.state.connected : undefined);
    wallet.provider.on?.("accountsChanged", (accounts) => {
      const [connected, account] = [current(), accountIn(accounts)];
      if (connected === undefined) return;
      if (account === undefined) this.disconnect();
      else connected.account = account;
      this.state.jobs = {};
      void this.refresh();
    });
    wallet.provider.on?.("chainChanged", () => void this.askChain());
  }

  private async askChain(): Promise<void> {
    const { connected } = this.state;
    if (connected === undefined) return;
    try {
      connected.chainId = await askNumber(connected.wallet.provider, "eth_chainId");
      this.state.connecting = undefined;
    } catch (error) {
      this.state.connecting = troubleOf(error);
    }
    this.state.jobs = {};
    await this.refresh();
  }

  async switch(): Promise<void> {
    const { connected } = this.state;
    if (connected === undefined || this.chainId === undefined) return;
    try {
      await switchChain(connected.wallet, this.chainId);
      await this.askChain();
    } catch (error) {
      this.state.connecting = troubleOf(error);
      this.draw();
    }
  }

  disconnect(): void {
    this.state.connected = undefined;
    this.state.rpc = undefined;
    this.state.jobs = {};
    void this.refresh();
  }

  async useRpc(): Promise<void> {
    const url = validUrl(this.state.rpcText);
    this.state.rpcBad = url === undefined;
    this.state.rpc = url === undefined ? undefined : { url, provider: nodeAt(url) };
    await this.refresh();
  }

  /** Asks the chain about everything that is shown. `keep` leaves what it said before in its place until it says something newer. */
  async refresh(keep = false): Promise<void> {
    const { state } = this;
    const generation = ++this.generation;
    const provider = this.source;
    const { receipt, statement, records } = state;
    const ask = <T>(wanted: boolean, read: (provider: Provider) => Promise<T>, before: Loadable<T> | undefined, put: (found: Loadable<T> | undefined) => void): Promise<void> => {
      if (provider === undefined || !wanted) {
        put(undefined);
        return Promise.resolve();
      }
      if (!keep || before?.state !== "ready") put({ state: "reading" });
      return read(provider).then(
        (value): Loadable<T> => ({ state: "ready", value }),
        (error: unknown): Loadable<T> => ({ state: "failed", trouble: troubleOf(error) }),
      ).then((found) => {
        if (generation !== this.generation) return;
        put(found);
        this.draw();
      });
    };
    const bound = (chainId: bigint, contract: Hex): boolean => chainId !== 0n && contract !== ZERO_ADDRESS;
    const reads = [
      ask(receipt !== undefined && receipt.outcome.failed === undefined && bound(receipt.document.chainId, receipt.document.contract), (from) => {
        if (receipt === undefined) throw new Trouble("answer");
        return readReceipt(from, receipt.document);
      }, state.receiptView, (found) => { state.receiptView = found; }),
      ask(statement !== undefined && statement.outcome.failed === undefined && bound(statement.document.chainId, statement.document.contract), (from) => {
        if (statement === undefined) throw new Trouble("answer");
        return readStatement(from, statement.document);
      }, state.statementView, (found) => { state.statementView = found; }),
      ...records.map((held, i) => ask(held.outcome.failed === undefined && bound(held.document.chainId, held.document.registry),
        (from) => readRecord(from, held.document), state.recordViews[i], (found) => { state.recordViews[i] = found; })),
    ];
    const { target } = this;
    reads.push(ask(target !== undefined && records.length > 0 && bound(target.chainId, target.contract), (from) => {
      if (target === undefined) throw new Trouble("answer");
      return readStall(from, target, records.map((held) => held.document));
    }, state.stallView, (found) => { state.stallView = found; }));
    this.draw();
    await Promise.all(reads);
    if (generation === this.generation) await this.prepareAll();
  }

  // ------------------------------------------------------------------------------------------------ transactions

  /** The accounts that a claim is for: those to which something is due, as many as fit into one transaction. */
  get claimed(): { readonly places: readonly number[]; readonly amount: bigint; readonly more: boolean } {
    const view = this.state.receiptView;
    if (view?.state !== "ready") return { places: [], amount: 0n, more: false };
    const due = view.value.accounts.flatMap(({ due }, i) => (due > 0n ? [i] : []));
    const places = due.slice(0, MOST_ACCOUNTS);
    return { places, amount: places.reduce((sum, i) => sum + (view.value.accounts[i]?.due ?? 0n), 0n), more: due.length > places.length };
  }

  /** Tries what could be signed next, so that the page can say what it costs, or why it is refused. */
  private async prepareAll(): Promise<void> {
    const { receipt, receiptView, stallView, records, scores, enrolments, jobs } = this.state;
    if (this.signer === undefined) return;
    const busy = (name: JobName): boolean => ["signing", "mining", "slow", "done"].includes(jobs[name]?.state ?? "");
    const { places, amount } = this.claimed;
    if (receipt !== undefined && receiptView?.state === "ready" && places.length > 0 && (!busy("claim") || jobs.claim?.state === "done")) {
      const accounts = places.flatMap((i) => receipt.document.accounts[i] ?? []);
      await this.prepare("claim", claimCall(receipt.document, accounts), amount);
    }
    if (stallView?.state !== "ready") return;
    const { model, target } = stallView.value;
    const [first] = records;
    const open = stallView.value.records[0]?.demand;
    if (first !== undefined && open !== undefined && bondIsBack(stallView.value, open) && !busy("bond")) {
      await this.prepare("bond", returnBondCall(target.contract, target.model, first.document), model.demandBond);
    }
    if (model.dissolvedAt === 0n && first !== undefined && open === undefined && !busy("demand")) {
      await this.prepare("demand", demandCall(target.contract, target.model, first.document, model.demandBond), model.demandBond);
    }
    const exits = exitsOf(stallView.value, records.map((held) => held.document), scores, enrolments);
    if (model.dissolvedAt !== 0n && exits.state === "ready" && !busy("exit")) {
      const call = exitCall(target.contract, target.model, exits.exits);
      const paid = await this.answerOf(call);
      await this.prepare("exit", call, paid ?? 0n);
    }
  }

  /** The number that a call would return. */
  private async answerOf({ to, data }: Call): Promise<bigint | undefined> {
    const { signer } = this;
    if (signer === undefined) return undefined;
    try {
      return BigInt(await askBytes(signer.provider, "eth_call", [{ from: signer.account, to, data }, "latest"]));
    } catch {
      return undefined;
    }
  }

  private job(name: JobName, job: Job): void {
    this.state.jobs[name] = job;
    this.draw();
  }

  async prepare(name: JobName, call: Call, amount: bigint): Promise<void> {
    const { signer } = this;
    if (signer === undefined) return;
    const job: Job = { call, amount, state: "trying" };
    this.job(name, job);
    try {
      const found = await estimate(signer.provider, signer.account, call);
      if (this.state.jobs[name] === job) this.job(name, { ...job, state: "ready", estimate: found });
    } catch (error) {
      if (this.state.jobs[name] === job) this.job(name, { ...job, state: "failed", trouble: troubleOf(error) });
    }
  }

  /** Asks the wallet to sign what was tried, and waits for its block. */
  async run(name: JobName): Promise<void> {
    const job = this.state.jobs[name];
    const { signer } = this;
    if (job?.estimate === undefined || signer === undefined || job.state === "signing" || job.state === "mining") return;
    const { trouble: _, ...fresh } = job;
    try {
      this.job(name, { ...fresh, state: "signing" });
      // Not every wallet says when it moves to another chain, where the same address may be anybody's.
      if (await askNumber(signer.provider, "eth_chainId") !== this.chainId) {
        await this.askChain();
        return;
      }
      const hash = await send(signer.provider, signer.account, job.call, job.estimate.gas);
      this.job(name, { ...fresh, state: "mining", hash });
      const found = await mined(signer.provider, hash, job.call.to);
      this.job(name, found === undefined ? { ...fresh, state: "slow", hash } : { ...fresh, state: "done", hash, mined: found });
      await this.refresh(true);
    } catch (error) {
      const now = this.state.jobs[name] ?? fresh;
      this.job(name, { ...now, state: "failed", trouble: troubleOf(error) });
    }
  }
}
