//! `kvorum run` of a store of many shards.

use crate::cli::{err, json, kvorum, out};

#[test]
fn a_store_of_many_shards_ends_with_its_nodes_and_shards() {
    let store = [
        "run", "lab", "--nodes", "6", "--load", "200", "--until", "8s",
    ];
    let store = [&store[..], &["--set", "shards.count=8"]].concat();
    let (code, found) = json(&[&store[..], &["--json"]].concat());
    let all = |name: &str| found[name].as_array().expect("a list").clone();
    let sum = |of: &str| -> u64 {
        let nodes = all("nodes");
        nodes.iter().filter_map(|node| node[of].as_u64()).sum()
    };
    assert_eq!((code, all("nodes").len(), all("shards").len()), (0, 6, 8));
    assert_eq!((sum("replicas"), sum("leaders")), (24, 8));
    assert!(found.get("stalled_since").is_none(), "{found}");
    let told = out(&kvorum(&store));
    for line in ["S6       1  alive", "slots 14336–16383"] {
        assert!(told.contains(line), "{told}");
    }
    let mut wrong = store.clone();
    wrong.extend(["--set", "shards.replicas=7"]);
    let refused = kvorum(&wrong);
    assert_eq!(refused.status.code(), Some(2));
    let why = "shards.replicas: 7 is more than there are nodes, 6";
    assert!(err(&refused).contains(why), "{}", err(&refused));
}
