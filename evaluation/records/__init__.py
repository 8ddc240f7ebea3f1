"""Records of an evaluation: what happened in a round, as files that stand on their own.

Words: a *table* is one list of facts (totals, individual marks, agreed marks ...), the same whether it is a
CSV file, a sheet of the workbook or a part of the disclosure pack. The *score ledger* holds every mark of a
round in the order of its making, each line chained to the one before by SHA-256, so that anybody can verify
it without the portal (`ledger`). A *record file* is a ledger, workbook, report or disclosure pack that
somebody asked for: the worker builds it in pieces, sends it to the bucket, and sweeps it after a week.

Nothing here is a second store of truth: all is read from the rows and from the audit trail when it is asked
for, and nothing before every evaluator of the round has locked. `access` says who may have what; `tables`
and `ledger_queries` read; `report_sections` puts tables into words for the report; `pieces`
says what each file is made of; `building` builds it.
"""
