/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_XML_TREE_H
#define XVS_SCHEMA_XML_TREE_H

/*
 * What whole documents and streams share: an expat parser that refuses what
 * we do not take, and elements that are made from its events in an arena.
 * Only the files xml-*.c include this.
 */

#include <expat.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"
#include "schema/xml.h"

struct arena;

struct xml_tree {
    XML_Parser parser;      /* NULL: there was no memory for one */
    unsigned long salt;     /* of its hash tables */
    struct arena *arena;    /* where elements go; the user's */
    struct xml_node *root;  /* what was begun last without a parent */
    struct xml_node *open;  /* the innermost element that has no end yet */
    struct buffer text;     /* of the open elements, outermost first */
    unsigned int depth;     /* elements around the next one */
    unsigned int depth_limit;       /* at most XML_DEPTH_LIMIT */
    unsigned int n_names;   /* of elements and attributes, so far */
    XML_Index last_break;   /* no line ends behind it; -1: not known */
    unsigned int last_line; /* the number of that line; 0: not reached yet */
    bool has_doctype;       /* why it was stopped */
    bool is_deep;           /* the same */
    unsigned int line;      /* where it was stopped; from 1 */
    unsigned int column;    /* the same; from 0 */
    char encoding[40];      /* that expat does not know, or "" */
    size_t text_at[XML_DEPTH_LIMIT];    /* where in 'text' theirs begins */
};

void xml_tree_init(struct xml_tree *tree);
void xml_tree_free(struct xml_tree *tree);
/* Makes it ready for a document; 'encoding' NULL: what it says itself.  The
 * user's handlers are set afterwards; their argument is the tree. */
void xml_tree_begin(struct xml_tree *tree, struct arena *arena,
                    unsigned int depth_limit, const char *encoding);
/* Forgets the document, for the next one. */
void xml_tree_reset(struct xml_tree *tree);

/* An element begins that is no part of the tree, or ends.  False: it is one
 * too deep, and the parser is stopped. */
bool xml_tree_enter(struct xml_tree *tree);
void xml_tree_leave(struct xml_tree *tree);
/* The handlers of expat: an element of the tree begins, ends; its text. */
void xml_tree_start(void *tree, const XML_Char *name,
                    const XML_Char **attributes);
void xml_tree_end(void *tree, const XML_Char *name);
void xml_tree_text(void *tree, const XML_Char *text, int size);

/* Why the parser stopped, in words, with its place.  Returns false. */
bool xml_tree_explain(struct xml_tree *tree, const char *file,
                      struct error *error);

#endif
