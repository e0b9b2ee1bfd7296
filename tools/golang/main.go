// Checks logs of an export with the Go reference packages of the formats: golang.org/x/mod/sumdb/note and tlog.
//
//	go run main.go EXPORT/NA-all-1 EXPORT/SA-all-1
//
// The packages come from Debian (apt-get install golang-go golang-golang-x-mod-dev; GO111MODULE=off
// GOPATH=/usr/share/gocode), or by `go mod init check && go get golang.org/x/mod` beside a copy of this file.
//
// Of each: a log key in `keys` has signed the checkpoint; the tiles lead to its root; every entry is the one in the
// tiles, is proven to be in the log, and the log up to it is proven to be a prefix. Keys of types that these packages
// do not know (cosignatures) are named and left out. Nothing is asked of anybody: what is read is the folder.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// tiles reads the tiles of a folder. The packages name the height in a path, tlog-tiles does not.
type tiles string

func (folder tiles) Height() int                     { return height }
func (folder tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (folder tiles) path(tile tlog.Tile) string {
	return filepath.Join(string(folder), strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1))
}

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		content, err := os.ReadFile(folder.path(tile))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

func main() {
	failed := len(os.Args) < 2
	for _, folder := range os.Args[1:] {
		tree, err := check(folder)
		if err != nil {
			failed = true
			fmt.Printf("BROKEN %s: %v\n", folder, err)
			continue
		}
		fmt.Printf("INTACT %s: %d entries, root %v\n", folder, tree.N, tree.Hash)
	}
	if failed {
		os.Exit(1)
	}
}

func check(folder string) (tlog.Tree, error) {
	tree, err := head(folder)
	if err != nil {
		return tree, err
	}
	hashes := tlog.TileHashReader(tree, tiles(folder))
	for first := int64(0); first < tree.N; first += width {
		entries, err := bundle(folder, first, tree.N)
		if err != nil {
			return tree, err
		}
		for at, entry := range entries {
			if err := proven(tree, hashes, first+int64(at), entry); err != nil {
				return tree, fmt.Errorf("entry %d: %w", first+int64(at), err)
			}
		}
	}
	return tree, nil
}

// head opens the checkpoint under the keys of the folder.
func head(folder string) (tlog.Tree, error) {
	var tree tlog.Tree
	keys, err := os.ReadFile(filepath.Join(folder, "keys"))
	if err != nil {
		return tree, err
	}
	var known []note.Verifier
	for _, line := range strings.Fields(string(keys)) {
		verifier, err := note.NewVerifier(line)
		if err != nil {
			fmt.Printf("left out: %s: %v\n", line, err)
			continue
		}
		known = append(known, verifier)
	}
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != opened.Sigs[0].Name {
		return tree, errors.New("not the checkpoint of the log that signed it")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(tree.Hash[:], root) != tlog.HashSize || len(root) != tlog.HashSize {
		return tree, errors.New("no root")
	}
	return tree, nil
}

// bundle reads the entries from first on that lie in one file (tlog-tiles, "Log entries").
func bundle(folder string, first, size int64) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: first / width, W: width}
	if size-first < width {
		tile.W = int(size - first)
	}
	path := strings.Replace(tiles(folder).path(tile), "/tile/0/", "/tile/entries/", 1)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(content) >= 2 {
		length := int(binary.BigEndian.Uint16(content))
		if len(content) < 2+length {
			break
		}
		entries, content = append(entries, content[2:2+length]), content[2+length:]
	}
	if len(content) != 0 || len(entries) != tile.W {
		return nil, fmt.Errorf("%s is not %d entries", path, tile.W)
	}
	return entries, nil
}

func proven(tree tlog.Tree, hashes tlog.HashReader, at int64, entry []byte) error {
	inclusion, err := tlog.ProveRecord(tree.N, at, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(inclusion, tree.N, tree.Hash, at, tlog.RecordHash(entry)); err != nil {
		return err
	}
	before, err := tlog.TreeHash(at+1, hashes)
	if err != nil {
		return err
	}
	consistency, err := tlog.ProveTree(tree.N, at+1, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(consistency, tree.N, tree.Hash, at+1, before)
}
