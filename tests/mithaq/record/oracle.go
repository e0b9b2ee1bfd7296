// Judges notes and proofs of ours with golang.org/x/mod, written by others: one JSON document in, one out.
package main

import (
	"encoding/json"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type claim struct {
	Old, Size     int64
	OldRoot, Root tlog.Hash
	Index         int64
	Leaf          tlog.Hash
	Proof         []tlog.Hash
}

type asked struct {
	Note, Verifier, Signer, Text string
	Inclusion, Consistency       []claim
}

type answer struct {
	Text, Signed           string
	Inclusion, Consistency []bool
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var given asked
	must(json.NewDecoder(os.Stdin).Decode(&given))
	verifier, err := note.NewVerifier(given.Verifier)
	must(err)
	opened, err := note.Open([]byte(given.Note), note.VerifierList(verifier))
	must(err)
	signer, err := note.NewSigner(given.Signer)
	must(err)
	signed, err := note.Sign(&note.Note{Text: given.Text}, signer)
	must(err)
	said := answer{Text: opened.Text, Signed: string(signed)}
	for _, each := range given.Inclusion {
		err := tlog.CheckRecord(each.Proof, each.Size, each.Root, each.Index, each.Leaf)
		said.Inclusion = append(said.Inclusion, err == nil)
	}
	for _, each := range given.Consistency {
		err := tlog.CheckTree(each.Proof, each.Size, each.Root, each.Old, each.OldRoot)
		said.Consistency = append(said.Consistency, err == nil)
	}
	must(json.NewEncoder(os.Stdout).Encode(said))
}
