alter table contacts drop column visits;
