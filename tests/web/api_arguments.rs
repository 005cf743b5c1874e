//! Arguments of the JavaScript API that can't be: each is refused, and the field named.

use crate::api::{gives, refuses};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn what_no_argument_can_be_is_refused_by_name() {
    let number = "must be a whole number from 1 to 101";
    for (options, field, words) in [
        ("7", "options", "must be an object"),
        ("null", "options", "must be an object"),
        ("[]", "options", "must be an object"),
        ("'lab'", "options", "must be an object"),
        ("Symbol()", "options", "must not be a symbol"),
        ("() => 7", "options", "must not be a function"),
        ("new Map()", "options", "must be a plain object"),
        (
            "new (class Options { seed = '7' })()",
            "options",
            "must be a plain object",
        ),
        (
            "Object.create({ seed: '7' })",
            "options",
            "must be a plain object",
        ),
        ("{ [Symbol()]: 1 }", "options", "must not have a symbol"),
        ("{ speed: 7 }", "speed", "there is no such option"),
        (
            "JSON.parse('{\"__proto__\": {}}')",
            "__proto__",
            "there is no such option",
        ),
        (
            "{ __proto__: { seed: '7' } }",
            "options",
            "must be a plain object",
        ),
        (
            "{ constructor: 7 }",
            "constructor",
            "there is no such option",
        ),
        ("{ scenario: '<b>' }", "scenario", "there is no “<b>”"),
        (
            "{ scenario: '\\ud800' }",
            "scenario",
            "half of a surrogate pair",
        ),
        (
            "{ scenario: 'x'.repeat(17e6) }",
            "options",
            "must not have more than",
        ),
        ("{ scenario: 3 }", "scenario", "must be a string"),
        (
            "{ scenario: new String('lab') }",
            "scenario",
            "must be a plain object",
        ),
        ("{ seed: 7 }", "seed", "must be a string"),
        ("{ seed: 7n }", "seed", "must be a number, not a BigInt"),
        (
            "{ seed: '18446744073709551616' }",
            "seed",
            "must be a whole number from 0 to 18446",
        ),
        ("{ seed: '+7' }", "seed", "must be a whole number"),
        ("{ seed: ' 7' }", "seed", "must be a whole number"),
        ("{ settings: [] }", "settings", "must be an object"),
        ("{ settings: null }", "settings", "must be an object"),
        ("{ settings: { nodes: 0 } }", "settings.nodes", number),
        ("{ settings: { nodes: '5' } }", "settings.nodes", number),
        ("{ settings: { nodes: null } }", "settings.nodes", number),
        ("{ settings: { nodes: true } }", "settings.nodes", number),
        ("{ settings: { nodes: [5] } }", "settings.nodes", number),
        ("{ settings: { nodes: -1 } }", "settings.nodes", number),
        ("{ settings: { nodes: 2 ** 33 } }", "settings.nodes", number),
        (
            "{ settings: { nodes: 1.5 } }",
            "settings.nodes",
            "must be a whole number, not 1.5",
        ),
        (
            "{ settings: { nodes: NaN } }",
            "settings.nodes",
            "must be a whole number, not NaN",
        ),
        (
            "{ settings: { nodes: Infinity } }",
            "settings.nodes",
            "must be a whole number, not Inf",
        ),
        (
            "{ settings: { nodes: 2 ** 53 } }",
            "settings.nodes",
            "must be below 2^53",
        ),
        (
            "{ settings: { nodes: 5n } }",
            "settings.nodes",
            "not a BigInt",
        ),
        (
            "{ settings: { nodes: Symbol.iterator } }",
            "settings.nodes",
            "not be a symbol",
        ),
        (
            "{ settings: { nodse: 5 } }",
            "settings.nodse",
            "there is no such field",
        ),
        (
            "{ settings: { timing: 7 } }",
            "settings.timing",
            "an object is needed",
        ),
        (
            "{ settings: { timing: { heartbeet: 1 } } }",
            "settings.timing.heartbeet",
            "there is no such field; there are election_timeout_min",
        ),
        (
            "{ settings: { timing: JSON.parse('{\"__proto__\": 1}') } }",
            "settings.timing.__proto__",
            "there is no such field",
        ),
        (
            "{ settings: { timing: { heartbeat: 1 } } }",
            "settings.timing.heartbeat",
            "must be a whole number of microseconds from 1000 to 3600000000",
        ),
        (
            "{ settings: { timing: { heartbeat: 150000 } } }",
            "settings.timing.heartbeat",
            "150 ms is not below the shortest election timeout",
        ),
        (
            "{ settings: { link: { loss: 0.5 } } }",
            "settings.link.loss",
            "whole number, not 0.5",
        ),
        (
            "{ settings: { link: { loss: 1000001 } } }",
            "settings.link.loss",
            "must be a whole number of parts per million from 0 to 1000000",
        ),
        (
            "{ settings: { link: { reorder: 1 } } }",
            "settings.link.reorder",
            "true or false",
        ),
        (
            "{ settings: { rules: { off: ['x'] } } }",
            "settings.rules.off[0]",
            "there is no rule",
        ),
        (
            "{ settings: { rules: { on: [] } } }",
            "settings.rules.on",
            "there is no such field",
        ),
        (
            "{ settings: { priorities: [1, , 2] } }",
            "settings.priorities",
            "without gaps",
        ),
        (
            "{ settings: { priorities: [300] } }",
            "settings.priorities[0]",
            "from 0 to 255",
        ),
        (
            "{ settings: { priorities: { length: 1 } } }",
            "settings.priorities",
            "a list",
        ),
        (
            "{ settings: { priorities: [undefined] } }",
            "settings.priorities[0]",
            "be undefined",
        ),
        (
            "{ settings: { priorities: new Array(4e9) } }",
            "settings.priorities",
            "100000 values",
        ),
        (
            "{ settings: { start: [{ term: 1, log: [2] }] } }",
            "settings.start",
            "terms from 1",
        ),
        (
            "{ settings: { start: [{ term: 1 }] } }",
            "settings.start[0].log",
            "is missing",
        ),
    ] {
        refuses(&format!("new Kvorum({options})"), field, words);
    }
}

#[wasm_bindgen_test]
fn what_no_action_can_be_is_refused_by_name() {
    for (action, field, words) in [
        ("undefined", "action", "must be an object"),
        ("'heal'", "action", "must be an object"),
        ("[]", "action", "must be an object"),
        ("{}", "action", "is missing"),
        ("{ action: 'explode' }", "action", "there is no “explode”"),
        ("{ action: 7 }", "action", "the number 7 stands here"),
        ("{ action: 'crash' }", "node", "is missing"),
        (
            "{ action: 'crash', node: 77 }",
            "node",
            "there is no server S77",
        ),
        (
            "{ action: 'crash', node: 'S1' }",
            "node",
            "the string “S1” stands here; a whole number",
        ),
        (
            "{ action: 'crash', node: 1, nodes: 1 }",
            "nodes",
            "there is no such field",
        ),
        (
            "{ action: 'heal', node: 1 }",
            "node",
            "there is no such field",
        ),
        (
            "{ action: 'add_server', node: 1 }",
            "node",
            "there is no such field",
        ),
        (
            "{ action: 'drop', message: 1 }",
            "message",
            "no message 1 is under way",
        ),
        (
            "{ action: 'drop', message: 2 ** 60 }",
            "message",
            "must be below 2^53",
        ),
        (
            "{ action: 'partition', groups: [[1, '2']] }",
            "groups",
            "the string “2”",
        ),
        (
            "{ action: 'set_load', per_second: 1e9 }",
            "per_second",
            "is above 10000",
        ),
        (
            "{ action: 'set_network', link: { los: 1 } }",
            "link.los",
            "there is no such field",
        ),
        (
            "{ action: 'request', operation: { op: 'put', key: '' , value: '' } }",
            "key",
            "key must not be empty",
        ),
        (
            "{ action: 'request', operation: { op: 'get', key: 'x', vaule: '' } }",
            "operation.vaule",
            "there is no such field",
        ),
    ] {
        refuses(&format!("run.act({action})"), field, words);
    }
    for (code, field, words) in [
        ("run.run(-1)", "ms", "must be a number from 0"),
        ("run.run('5')", "ms", "must be a number from 0"),
        ("run.run()", "ms", "must be a number from 0"),
        ("run.run(5n)", "ms", "must be a number from 0"),
        (
            "run.run({ valueOf: () => run.run(1) })",
            "ms",
            "must be a number from 0",
        ),
        ("run.seek(NaN)", "ms", "must be a number from 0"),
        ("run.seek(86400001)", "ms", "must be a number from 0"),
        ("run.events(0.5)", "since", "must be a whole number"),
        ("run.events('0')", "since", "must be a whole number"),
        ("run.why('0')", "seq", "must be a whole number"),
        ("run.why(999999)", "seq", "there is no event 999999"),
        ("run.switchTo('x')", "branch", "must be a whole number"),
        ("run.switchTo(9)", "branch", "there is no branch 9"),
        ("run.switchTo(2 ** 32)", "branch", "must be a whole number"),
        ("run.switchTo(null)", "branch", "must be a whole number"),
    ] {
        refuses(code, field, words);
    }
    assert_eq!(gives("return String(run.run(-0))"), "0");
    assert_eq!(gives("run.switchTo(-0); return String(run.now)"), "0");
}
