//! The JavaScript API, called as scripts call it: what it does, and all that it refuses.

use js_sys::{Array, Function, Reflect};
use kvorum::web::api::Kvorum;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

/// Runs code with `Kvorum` (the class), `KvorumError`, and `run` (a run at its beginning).
fn script(code: &str) -> Result<JsValue, JsValue> {
    let run = JsValue::from(Kvorum::new(&JsValue::UNDEFINED)?);
    let class = Reflect::get(&run, &"constructor".into())?;
    let error = Kvorum::new(&7.into()).map(drop).expect_err("no options");
    let error = Reflect::get(&error, &"constructor".into())?;
    let function = Function::new_with_args("Kvorum, KvorumError, run", code);
    function.apply(&JsValue::NULL, &Array::of3(&class, &error, &run))
}

/// What code gives, as text.
pub fn gives(code: &str) -> String {
    match script(code) {
        Ok(value) => value.as_string().unwrap_or_else(|| format!("{value:?}")),
        Err(error) => format!("throws {error:?}"),
    }
}

/// Asserts that code throws a KvorumError with this field and these words in its message, and that
/// the run goes on as if nothing had been.
pub fn refuses(code: &str, field: &str, words: &str) {
    let whole = format!(
        "run.run(1000);
        const before = run.hash();
        try {{
            {code};
            return 'nothing is thrown';
        }} catch (error) {{
            if (!(error instanceof KvorumError && error instanceof Error)) {{
                return `not a KvorumError: ${{error}}`;
            }}
            if (error.name !== 'KvorumError' || !error.message.startsWith(error.field)) {{
                return `${{error.name}}: ${{error.field}} in ${{error.message}}`;
            }}
            if (run.hash() !== before || run.run(500) !== 1500) return 'something has happened';
            return `${{error.field}} | ${{error.message}}`;
        }}"
    );
    let said = gives(&whole);
    let (found, message) = said.split_once(" | ").unwrap_or(("", &said));
    assert!(found == field && message.contains(words), "{code}: {said}");
    for rust in [
        "u32",
        "u64",
        "struct ",
        "enum",
        "expected",
        "borrow",
        "recursive",
        "Object(",
    ] {
        assert!(!message.contains(rust), "{code}: {said}");
    }
}

#[wasm_bindgen_test]
fn scripts_can_drive_a_cluster() {
    let told = gives(
        r#"
        const it = new Kvorum({ scenario: "lab", seed: "7" });
        const told = [it.run(1000), it.scenario, it.seed];
        told.push(it.act({ action: "request", operation: { op: "put", key: "y", value: "<7>" } }));
        it.run(1000);
        const view = JSON.stringify(it.view());
        told.push(view.includes('"key":"y","value":"<7>"') && view.includes(it.hash()));
        told.push(it.events(0).some((event) => event.sentence.includes("y←<7> is committed")));
        // Acting in the past begins a branch; the first one is still there.
        const end = it.hash();
        it.seek(500);
        told.push(it.act({ action: "heal" }));
        it.switchTo(0);
        it.seek(2000);
        told.push(it.hash() === end, it.journal().length, it.undo(), it.undo());
        return JSON.stringify(told);"#,
    );
    let wanted = r#"[1000,"lab","7",null,true,true,1,true,1,true,false]"#;
    assert_eq!(told, wanted);
}

#[wasm_bindgen_test]
fn scripts_can_drive_a_store_of_many_shards() {
    let told = gives(
        r#"
        const settings = { shards: { count: 4 }, load: 50 };
        const it = new Kvorum({ scenario: "lab", seed: "7", settings });
        it.run(3000);
        it.act({ action: "add_server" });
        it.run(1000);
        const { nodes, shards, operations, under_way } = it.store();
        it.run(10000);
        const after = it.store();
        const of = (store) => store.nodes.map((node) => node.replicas);
        return JSON.stringify([
            nodes.map((node) => node.verdict), shards.length, shards[0].range,
            operations > 0 && under_way.every((it) => it.number <= operations && it.stage !== undefined),
            of(after).every((replicas) => replicas === 2), after.under_way,
            shards.every((shard) => shard.members.length === 3 && shard.members.includes(shard.leader)),
            new Kvorum({ scenario: "lab", seed: "7" }).store() === undefined,
        ]);"#,
    );
    let wanted = concat!(
        r#"[["alive","alive","alive","alive","alive","alive"],4,"slots 0–4095","#,
        "true,true,[],true,true]"
    );
    assert_eq!(told, wanted);
}

#[wasm_bindgen_test]
fn settings_take_the_place_of_the_scenarios_at_every_depth() {
    let told = gives(
        r#"
        const of = (settings) => {
            const it = new Kvorum({ scenario: "figure-8", seed: "7", settings });
            it.act({ action: "time_out", node: 1 });
            it.run(3000);
            return it.hash();
        };
        const usual = of({});
        // What is given again as it is changes nothing: the rest stays the scenario's.
        return String([
            usual === of({ timing: { max_batch: 64 } }),
            usual === of(Object.assign(Object.create(null), { link: { reorder: false } })),
            usual === of({ nodes: undefined }),
            usual !== of({ timing: { heartbeat: 41000 } }),
        ]);"#,
    );
    assert_eq!(told, "true,true,true,true");
}

#[wasm_bindgen_test]
fn whatever_an_argument_does_locks_nothing() {
    for (action, field, words) in [
        (
            "{ get action() { throw new Error('no') } }",
            "action",
            "can't be read: no",
        ),
        (
            "{ get action() { throw null } }",
            "action",
            "can't be read: null",
        ),
        (
            "{ get action() { throw { get message() { throw 1 } } } }",
            "action",
            "can't be read",
        ),
        (
            "{ action: 'crash', get node() { return run.act(this) } }",
            "node",
            "can't be read",
        ),
        (
            "new Proxy({}, { ownKeys() { throw 1 } })",
            "action",
            "can't be read: 1",
        ),
        (
            "new Proxy({}, { getPrototypeOf() { throw 1 } })",
            "action",
            "can't be read: 1",
        ),
        (
            "new Proxy({}, { ownKeys: () => ['x'], get: (t, k) => 1n })",
            "x",
            "not a BigInt",
        ),
        (
            "(() => { const gone = Proxy.revocable([], {}); gone.revoke(); return gone.proxy })()",
            "action",
            "can't be read",
        ),
        (
            "(() => { const it = {}; it.it = it; return it })()",
            "it",
            "inside of itself",
        ),
        (
            "(() => { const it = []; it.push([it]); return { action: it } })()",
            "action[0][0]",
            "inside of itself",
        ),
        (
            "(() => { let it = {}; for (let n = 0; n < 99; n++) it = { it }; return it })()",
            &["it"; 60].join("."),
            "60 levels deep",
        ),
        (
            "{ groups: Array.from({ length: 400 }, () => Array(300).fill(1)) }",
            "action",
            "must not have more than 100000 values",
        ),
    ] {
        refuses(&format!("run.act({action})"), field, words);
    }
    // A getter may call the run: its answer counts, and what it did is done.
    let told = gives(
        "const at = run.act({ action: 'crash', get node() { run.run(100); return 1 } });
        return String([at, run.now, run.journal().length])",
    );
    assert_eq!(told, ",100,1");
    let told = gives(
        "try { run.act({ get action() { throw new TypeError('mine') } }) }
        catch (error) { return `${error.cause}, ${error.stack.length > 0}` }",
    );
    assert_eq!(told, "TypeError: mine, true");
}

#[wasm_bindgen_test]
fn a_script_can_ask_why() {
    let told = gives(
        r#"
        const it = new Kvorum({ scenario: "lab", seed: "7" });
        it.run(1000);
        it.act({ action: "request", operation: { op: "put", key: "y", value: "7" } });
        it.run(1000);
        const answer = it.events(0).find((event) => event.sentence.includes("is committed") && event.at > 1e6);
        const walk = it.why(answer.seq);
        const linked = walk.every((event, at) => event.cause === walk[at + 1]?.seq);
        const asked = walk.some((event) => event.sentence.includes("y←7"));
        return [walk[0].seq === answer.seq, walk.length > 4, linked, asked, walk.at(-1).at].join()"#,
    );
    assert_eq!(told, "true,true,true,true,1000000");
}

#[wasm_bindgen_test]
fn a_run_that_was_freed_says_so() {
    for code in [
        "run.run(1)",
        "run.seek(1)",
        "run.act({ action: 'heal' })",
        "run.undo()",
        "run.switchTo(0)",
        "run.view()",
        "run.events(0)",
        "run.why(0)",
        "run.hash()",
        "run.journal()",
        "run.now",
        "run.seed",
        "run.scenario",
    ] {
        for free in ["free()", "[Symbol.dispose]()"] {
            let call = if free.starts_with('[') {
                free.into()
            } else {
                format!(".{free}")
            };
            let told = gives(&format!(
                "if (!Symbol.dispose && '{free}'.startsWith('[')) run.free(); else run{call};
                run.free();
                try {{ {code} }} catch (error) {{
                    return `${{error instanceof KvorumError}} ${{error.message}}`
                }}",
            ));
            assert_eq!(
                told, "true this: the run was freed; begin another one",
                "{code}"
            );
        }
    }
    // One that a getter frees as well.
    let told = gives(
        "try { run.act({ get action() { run.free(); return 'heal' } }) }
        catch (error) { return error.message }",
    );
    assert!(told.starts_with("this: "), "{told}");
}

#[wasm_bindgen_test]
fn sweeps_refuse_by_name() {
    use kvorum::web::api::{shrink, sweep};
    let value = |code: &str| js_sys::eval(&format!("({code})")).unwrap();
    let cases: [(&str, &str, &str, &str); 14] = [
        ("7", "'0'", "1", "plan must be an object"),
        ("{ speed: 7 }", "'0'", "1", "speed: there is no such option"),
        (
            "{ profile: 'wild' }",
            "'0'",
            "1",
            "profile: there are calm, rough, hostile",
        ),
        ("{ profile: 7 }", "'0'", "1", "profile must be a string"),
        (
            "{ nodes: 102 }",
            "'0'",
            "1",
            "nodes must be a whole number from 0 to 101",
        ),
        (
            "{ nodes: 0 }",
            "'0'",
            "1",
            "nodes: 0 is not between 1 and 101",
        ),
        ("{ nodes: '5' }", "'0'", "1", "nodes must be a whole number"),
        (
            "{ storm: 1e12 }",
            "'0'",
            "1",
            "storm must be a whole number from 0 to 3600000",
        ),
        (
            "{ rules: { off: ['x'] } }",
            "'0'",
            "1",
            "rules.off[0]: there is no rule",
        ),
        (
            "{ rules: [] }",
            "'0'",
            "1",
            "rules: a list stands here; an object is needed",
        ),
        (
            "{ get rules() { throw 1 } }",
            "'0'",
            "1",
            "rules: can't be read: 1",
        ),
        ("{}", "0", "1", "from must be a whole number"),
        (
            "{}",
            "'0'",
            "10001",
            "count must be a whole number from 0 to 10000",
        ),
        ("{}", "'0'", "'1'", "count must be a whole number"),
    ];
    for (plan, from, count, words) in cases {
        let refused = sweep(&value(plan), &value(from), &value(count));
        let error: js_sys::Error = refused.unwrap_err().unchecked_into();
        let message = String::from(error.message());
        assert!(message.starts_with(words), "{plan}: {message}");
    }
    let refused = shrink(&value("{}"), &value("'x'"), &value("1")).unwrap_err();
    let field = Reflect::get(&refused, &"field".into()).unwrap();
    assert_eq!(field.as_string().as_deref(), Some("seed"));
    let swept = sweep(
        &value("{ storm: 100, nodes: 3 }"),
        &value("'7'"),
        &value("2"),
    )
    .unwrap();
    let runs = Reflect::get(&swept, &"runs".into()).unwrap();
    assert_eq!(runs.as_f64(), Some(2.0));
}

/// The reasons are those that `run` and `replay` give as JSON: typed, and each with its sentence.
#[wasm_bindgen_test]
fn a_script_can_ask_why_nothing_moves() {
    let told = gives(
        r#"
        const it = new Kvorum({ scenario: "lab", seed: "7" });
        it.run(1000);
        const quiet = it.whyNothingMoves();
        for (const node of [1, 2, 3]) it.act({ action: "crash", node });
        it.act({ action: "request", operation: { op: "put", key: "x", value: "1" } });
        it.run(9000);
        const why = it.whyNothingMoves();
        const lost = why.find(({ reason }) => reason === "quorum_lost");
        return JSON.stringify([quiet, why.map(({ reason }) => reason), lost]);"#,
    );
    let wanted = r#"[[],["unanswered","no_leader","quorum_lost"],{"sentence":"A decision needs 3 of the 5 voters, and only S4 and S5 can take part: S1 is down, S2 is down, S3 is down.","reason":"quorum_lost","outgoing":false,"needed":3,"able":[4,5],"unable":[[1,"down"],[2,"down"],[3,"down"]]}]"#;
    assert_eq!(told, wanted);
}

/// A run that ends by a stall says the same to a script as to everybody else.
#[wasm_bindgen_test]
fn a_script_is_told_of_a_stall() {
    let told = gives(
        r#"
        const settings = { rules: { off: ["noop-on-election"] }, watch_liveness: true };
        const it = new Kvorum({ scenario: "lab", seed: "7", settings });
        it.run(1000);
        it.act({ action: "request", operation: { op: "get", key: "x" }, attempts: 1000 });
        it.run(60000);
        const { violation } = it.view();
        const why = it.whyNothingMoves().map(({ sentence }) => sentence);
        return [violation.property, Math.round(it.now * 1000), violation.what, ...why].join("\n");"#,
    );
    let end = &crate::runs::ends::ENDS[0];
    let wanted = format!("Progress\n{}\n{}", end.at, end.says.join("\n"));
    assert_eq!(told, wanted);
}
