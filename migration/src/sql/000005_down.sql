DROP TABLE export_signature;
DROP TABLE export_approval;
DROP TABLE audit;
