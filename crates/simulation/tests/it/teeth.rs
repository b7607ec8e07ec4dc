//! A law whose breaking nobody notices is none: stores that do not do as they must are found out
//! within a few worlds, by the law that they break.

use simulation::{Fault, Law, run_on_faulty};

/// So many worlds are enough for every fault.
const WORLDS: u64 = 200;

fn broken_by(fault: Fault) -> Law {
    match fault {
        Fault::FenceIgnored | Fault::LeaseIgnored => Law::Claims,
        Fault::OrderIgnored | Fault::SentAgainFirst => Law::Order,
        Fault::AppliedTwice | Fault::TransactionIgnored => Law::Once,
        Fault::AcknowledgedUnwritten => Law::Acknowledged,
    }
}

fn is_noticed(fault: Fault) {
    let broken = (0..WORLDS).find_map(|seed| run_on_faulty(fault, seed, 0).failure);
    let law = broken.as_ref().map(|broken| broken.law);
    assert_eq!(law, Some(broken_by(fault)), "{fault}: {broken:?}");
}

#[test]
fn a_store_that_ignores_fences_is_found_out() {
    is_noticed(Fault::FenceIgnored);
}

#[test]
fn a_store_that_ignores_the_order_of_a_records_deliveries_is_found_out() {
    is_noticed(Fault::OrderIgnored);
}

#[test]
fn a_store_that_lets_what_is_sent_once_more_go_first_is_found_out() {
    is_noticed(Fault::SentAgainFirst);
}

#[test]
fn a_store_that_ignores_leases_is_found_out() {
    is_noticed(Fault::LeaseIgnored);
}

#[test]
fn a_store_that_applies_an_answer_twice_is_found_out() {
    is_noticed(Fault::AppliedTwice);
}

#[test]
fn a_store_that_does_not_look_at_transaction_ids_is_found_out() {
    is_noticed(Fault::TransactionIgnored);
}

#[test]
fn a_store_that_acknowledges_before_it_has_written_is_found_out() {
    is_noticed(Fault::AcknowledgedUnwritten);
}

#[test]
fn a_faulty_world_goes_the_same_way_twice() {
    for fault in Fault::ALL {
        let (one, again) = (run_on_faulty(fault, 7, 0), run_on_faulty(fault, 7, 0));
        assert_eq!(one.digest, again.digest, "{fault}");
    }
}
